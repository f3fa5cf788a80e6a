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
  private final ToolboxFiller.Told told = new ToolboxFiller.Told();
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
    budget = new RunBudget(means.limits(), progress, model, System::nanoTime);
    progress.costs(budget::costs);
    try (Cancellation.Registration registration = outer.onCancel(cancellation::cancel)) {
      perform(new Part(agent, task.text(), task.history(), 0, progress::text));
    } catch (CancellationException e) {
      RunFailure exhausted = budget.exhausted();
      throw exhausted != null && !outer.isCancelled() ? exhausted : e;
    }
  }

  private void perform(Part part) {
    BuiltIns.Replier replier = means.catalog().builtIns().replier(part.agentId());
    String model =
        replier != null ? null : ModelCaller.modelRef(part.agent().manifest(), means.models());
    try (RunBudget.Part share = budget.begin(part.agentId(), model)) {
      if (replier != null) {
        replier.reply(part.text(), part.out(), cancellation);
      } else {
        converse(part, share);
      }
    }
  }

  private void converse(Part part, RunBudget.Part share) {
    AgentManifest manifest = part.agent().manifest();
    ModelCaller caller =
        new ModelCaller(
            means.models(),
            means.modelLimits(),
            share,
            cancellation,
            manifest,
            part.depth() == 0 ? task.conversation() : null,
            means.observer());
    Toolbox toolbox = new Toolbox(part.agentId(), progress, means.parallel(), means.observer());
    String problems = fill(toolbox, part, caller.takesTools());
    List<ToolSpecification> tools = toolbox.specifications();
    Conversation conversation =
        new Conversation(
            manifest.instructions() + context(part) + problems,
            tools,
            part.text(),
            part.history(),
            caller.size());
    try {
      converse(part, caller, conversation, toolbox);
      if (caller.wasCutOff() && part.depth() == 0) {
        progress.cutOff();
      }
    } catch (RunFailure e) {
      boolean again = e.remedy() == RunFailure.Remedy.WITHOUT_TOOLS && conversation.isFresh();
      if (!again || tools.isEmpty()) {
        throw e;
      }
      caller.refusedTools();
      converse(part, share);
    }
  }

  private String context(Part part) {
    return part.depth() > 0 || task.context().isBlank()
        ? ""
        : "\n\nThe person's program adds:\n" + task.context();
  }

  private String fill(Toolbox toolbox, Part part, boolean takesTools) {
    ToolboxFiller filler =
        new ToolboxFiller(
            toolbox, part.agent(), part.depth(), team(), task.userId(), progress, told);
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
      budget.requireMore();
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
    String message = message(arguments);
    if (message == null) {
      return new ToolResult("Not asked: the arguments must be {\"message\": \"…\"}.", true);
    }
    int depth = asker.depth() + 1;
    Status status = Status.FAILED;
    StringBuffer reply = new StringBuffer();
    boolean entered = false;
    try {
      budget.enter(depth);
      progress.agent(id, Status.STARTED, asker.agentId(), depth);
      entered = true;
      perform(new Part(delegate, message, size -> List.of(), depth, reply::append));
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
    } finally {
      if (entered) {
        progress.agent(id, status, asker.agentId(), depth);
      }
    }
  }

  /**
   * What a model wrote for a delegate: the one parameter; or, as some models leave it out, the only
   * text there is; null where it wrote nothing that can be meant.
   */
  private static String message(String arguments) {
    JsonNode json;
    try {
      json = Json.MAPPER.readTree(arguments);
    } catch (JsonProcessingException e) {
      boolean broken = arguments.stripLeading().startsWith("{");
      return broken || arguments.isBlank() ? null : arguments;
    }
    if (json.isTextual()) {
      return json.asText();
    }
    if (!json.isObject() || json.isEmpty()) {
      return null;
    }
    JsonNode message = json.has(ToolboxFiller.MESSAGE) ? json.get(ToolboxFiller.MESSAGE) : null;
    if (message == null && json.size() == 1) {
      message = json.elements().next();
    }
    if (message == null) {
      return arguments;
    }
    return message.isTextual() ? message.asText() : null;
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
