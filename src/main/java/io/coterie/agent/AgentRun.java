package io.coterie.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import io.coterie.agent.AgentCatalog.Agent;
import io.coterie.agent.AgentRunner.Progress;
import io.coterie.agent.AgentRunner.Status;
import io.coterie.agent.AgentRunner.Task;
import io.coterie.agent.AgentRunner.Team;
import io.coterie.agent.AgentRunner.Turn;
import io.coterie.http.Json;
import io.coterie.model.Cancellation;
import io.coterie.model.Models;
import io.coterie.model.RunFailure;
import io.coterie.model.RunFailure.Code;
import io.coterie.tools.ToolResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * One run: an agent answers, and asks others, which ask others. All of them share one budget and
 * one switch that stops them. Used once.
 */
final class AgentRun {

  /** What runs are made with. */
  record Means(
      AgentCatalog catalog,
      Models models,
      AgentTools tools,
      Parallel parallel,
      AgentRunner.Limits limits,
      ModelLimits modelLimits,
      AgentObserver observer) {}

  /**
   * What one agent is to do.
   *
   * @param depth 0 for the agent that answers the person
   */
  private record Part(
      Agent agent, String text, IntFunction<List<Turn>> history, int depth, Consumer<String> out) {

    String agentId() {
      return agent.manifest().agentId();
    }
  }

  private final Means means;
  private final Task task;
  private final Progress progress;
  private final Cancellation outer;
  private final Cancellation cancellation = new Cancellation();
  private RunBudget budget;
  private Team team;

  AgentRun(Means means, Task task, Progress progress, Cancellation outer) {
    this.means = means;
    this.task = task;
    this.progress = progress;
    this.outer = outer;
  }

  /** Lets {@code agent} answer the task. */
  void answer(Agent agent) {
    String model = ModelCaller.modelRef(agent.manifest(), means.models());
    budget = new RunBudget(means.limits(), progress, model);
    try (Cancellation.Registration registration = outer.onCancel(cancellation::cancel)) {
      perform(new Part(agent, task.text(), task.history(), 0, progress::text));
    } catch (CancellationException e) {
      RunFailure exhausted = budget.exhausted();
      throw exhausted != null && !outer.isCancelled() ? exhausted : e;
    }
  }

  private void perform(Part part) {
    BuiltIns.Replier replier = means.catalog().builtIns().replier(part.agentId());
    if (replier != null) {
      replier.reply(part.text(), part.out(), cancellation);
    } else {
      converse(part);
    }
  }

  private void converse(Part part) {
    AgentManifest manifest = part.agent().manifest();
    ModelCaller caller =
        new ModelCaller(
            means.models(), means.modelLimits(), budget, cancellation, manifest, means.observer());
    Toolbox toolbox = new Toolbox(part.agentId(), progress, means.parallel(), means.observer());
    String problems = fill(toolbox, part, caller.takesTools());
    List<ToolSpecification> tools = toolbox.specifications();
    Conversation conversation =
        new Conversation(
            manifest.instructions() + problems, tools, part.text(), part.history(), caller.size());
    try {
      converse(part, caller, conversation, toolbox);
    } catch (RunFailure e) {
      boolean again = e.remedy() == RunFailure.Remedy.WITHOUT_TOOLS && conversation.isFresh();
      if (!again || tools.isEmpty()) {
        throw e;
      }
      caller.refusedTools();
      converse(part);
    }
  }

  private String fill(Toolbox toolbox, Part part, boolean takesTools) {
    ToolboxFiller filler =
        new ToolboxFiller(toolbox, part.agent(), part.depth(), team(), task.userId(), progress);
    if (takesTools) {
      filler.addDelegates(means.catalog(), (delegate, arguments) -> ask(delegate, part, arguments));
      filler.addTools(means.tools(), cancellation);
    } else {
      filler.leaveEmpty();
    }
    return filler.problems();
  }

  /** Lets the model use tools for as long as it wants to, until it has said what it has to say. */
  private void converse(Part part, ModelCaller caller, Conversation conversation, Toolbox toolbox) {
    Integer maxSteps = part.agent().manifest().maxSteps();
    Paragraphs out = new Paragraphs(part.out());
    List<ToolSpecification> tools = toolbox.specifications();
    AiMessage answer = caller.ask(conversation, tools, out.next());
    for (int steps = 1; answer.hasToolExecutionRequests(); steps++) {
      if (maxSteps != null && steps >= maxSteps) {
        throw new RunFailure(
            Code.BUDGET_EXHAUSTED,
            "The agent %s used up its %d steps (max_steps).".formatted(part.agentId(), maxSteps));
      }
      conversation.add(answer, toolbox.use(answer.toolExecutionRequests()));
      answer = caller.ask(conversation, tools, out.next());
    }
  }

  private synchronized Team team() {
    if (team == null) {
      team = task.team().get();
    }
    return team;
  }

  /** Lets a delegate do its part; where it cannot, the one who asked is told and can go on. */
  private ToolResult ask(Agent delegate, Part asker, String arguments) {
    String id = delegate.manifest().agentId();
    int depth = asker.depth() + 1;
    Status status = Status.FAILED;
    StringBuffer reply = new StringBuffer();
    boolean entered = false;
    try {
      budget.enter(depth);
      progress.agent(id, Status.STARTED, asker.agentId(), depth);
      entered = true;
      perform(new Part(delegate, message(arguments), size -> List.of(), depth, reply::append));
      if (cancellation.isCancelled()) {
        throw new CancellationException();
      }
      status = Status.FINISHED;
      return new ToolResult(reply.toString(), false);
    } catch (RunFailure e) {
      if (budget.exhausted() != null) {
        // The run is over: whatever else goes on in it ends now.
        cancellation.cancel();
        throw e;
      }
      return new ToolResult("The agent " + id + " could not answer: " + e.getMessage(), true);
    } catch (CancellationException e) {
      status = outer.isCancelled() ? Status.FINISHED : Status.FAILED;
      throw e;
    } finally {
      if (entered) {
        progress.agent(id, status, asker.agentId(), depth);
      }
    }
  }

  /** What a model wrote for a delegate: the one parameter, or else whatever it wrote. */
  private static String message(String arguments) {
    try {
      JsonNode json = Json.MAPPER.readTree(arguments);
      if (json.path(ToolboxFiller.MESSAGE).isTextual()) {
        return json.path(ToolboxFiller.MESSAGE).asText();
      }
      List<JsonNode> values = new ArrayList<>();
      json.elements().forEachRemaining(values::add);
      return values.size() == 1 && values.get(0).isTextual() ? values.get(0).asText() : arguments;
    } catch (JsonProcessingException e) {
      return arguments;
    }
  }

  /** Keeps what an agent says before it uses tools apart from what it says after. */
  private static final class Paragraphs {
    private final Consumer<String> out;
    private boolean said;
    private boolean apart;

    Paragraphs(Consumer<String> out) {
      this.out = out;
    }

    /** Where the text of the next step goes. */
    Consumer<String> next() {
      apart = said;
      return this::say;
    }

    private void say(String piece) {
      if (piece.isEmpty()) {
        return;
      }
      out.accept(apart ? "\n\n" + piece : piece);
      apart = false;
      said = true;
    }
  }
}
