package io.coterie.agent;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import io.coterie.model.Cancellation;
import io.coterie.model.ModelErrors;
import io.coterie.model.Models;
import io.coterie.model.RunFailure;
import io.coterie.model.RunFailure.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.function.IntFunction;

/**
 * Lets an agent answer a message. Knows nothing of chats: it reads a task and reports progress.
 * Thread-safe.
 */
public final class AgentRunner {

  /** An earlier message of the conversation. */
  public record Turn(boolean byUser, String text) {}

  /**
   * What is to be answered.
   *
   * @param text the message, without the mention that chose the agent
   * @param history given a budget in UTF-16 units, the newest earlier messages that fit it, oldest
   *     first
   */
  public record Task(String agentId, UUID userId, String text, IntFunction<List<Turn>> history) {}

  /** What a run tells while it goes on. Called by one thread at a time. */
  public interface Progress {
    /** A piece of the reply. */
    void text(String piece);

    /** What the run has cost: called when it is known, and again when it is known better. */
    void usage(String model, int inputTokens, int outputTokens);
  }

  /**
   * The bounds of a run.
   *
   * @param maxTokens in and out together
   * @param maxHistory in UTF-16 units
   */
  public record Limits(int maxTokens, int maxHistory) {}

  private final AgentCatalog catalog;
  private final Models models;
  private final Limits limits;

  public AgentRunner(AgentCatalog catalog, Models models, Limits limits) {
    this.catalog = catalog;
    this.models = models;
    this.limits = limits;
  }

  /**
   * Answers; returns when the reply is whole.
   *
   * @throws RunFailure where it cannot be
   * @throws CancellationException where the run was cancelled
   */
  public void run(Task task, Progress progress, Cancellation cancellation) {
    AgentManifest agent =
        catalog
            .find(task.agentId(), task.userId())
            .map(AgentCatalog.Agent::manifest)
            .orElseThrow(() -> notInstalled(task.agentId()));
    BuiltIns.Replier replier = catalog.builtIns().replier(agent.agentId());
    if (replier != null) {
      replier.reply(task.text(), progress::text, cancellation);
    } else {
      ask(agent, task, progress, cancellation);
    }
    if (cancellation.isCancelled()) {
      throw new CancellationException();
    }
  }

  /** Whether this agent's replies take as long as a model likes; others are there at once. */
  public boolean asksModel(String agentId) {
    return catalog.builtIns().replier(agentId) == null;
  }

  private void ask(AgentManifest agent, Task task, Progress progress, Cancellation cancellation) {
    String modelRef = agent.model() != null ? agent.model() : models.defaultModel().orElse(null);
    // Whatever ends this call, a bound of ours included, tears the provider's request down with it.
    Cancellation call = new Cancellation();
    Cancellation.Registration registration = cancellation.onCancel(call::cancel);
    try {
      StreamingChatModel model = models.open(agent.model(), agent.temperature(), null, call);
      List<ChatMessage> messages = messages(agent, task);
      ReplyHandler handler =
          new ReplyHandler(progress, modelRef, TokenEstimate.of(messages), limits.maxTokens());
      call.onCancel(handler::cancelled);
      model.chat(ChatRequest.builder().messages(messages).build(), handler);
      handler.await();
    } catch (RunFailure | CancellationException e) {
      throw e;
    } catch (Exception e) {
      throw ModelErrors.describe(e, modelRef);
    } finally {
      registration.close();
      call.cancel();
    }
  }

  private List<ChatMessage> messages(AgentManifest agent, Task task) {
    List<ChatMessage> messages = new ArrayList<>();
    messages.add(SystemMessage.from(agent.instructions()));
    int budget = limits.maxHistory() - agent.instructions().length() - task.text().length();
    boolean begun = false;
    for (Turn turn : task.history().apply(Math.max(0, budget))) {
      // A conversation begins with a person's message, and providers refuse empty ones.
      begun |= turn.byUser();
      if (begun && !turn.text().isBlank()) {
        messages.add(turn.byUser() ? UserMessage.from(turn.text()) : AiMessage.from(turn.text()));
      }
    }
    messages.add(UserMessage.from(task.text().isBlank() ? "Hello" : task.text()));
    return messages;
  }

  private static RunFailure notInstalled(String agentId) {
    return new RunFailure(Code.AGENT_FAILED, "The agent " + agentId + " is not installed.");
  }
}
