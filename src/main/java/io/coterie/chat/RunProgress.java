package io.coterie.chat;

import io.coterie.agent.AgentRunner;
import io.coterie.agent.AgentRunner.Cost;
import io.coterie.agent.AgentRunner.Status;
import io.coterie.agent.MissingAgents;
import io.coterie.model.RunFailure;
import io.coterie.model.RunFailure.Code;
import io.coterie.storage.CannotStoreException;
import io.coterie.usage.TokenQuota;
import java.util.List;
import java.util.function.Supplier;

/** What a run's agent tells, passed on to the chat's clients, and what the run has cost so far. */
final class RunProgress implements AgentRunner.Progress, RunEnding.Cost {

  /** What the {@code messages} table keeps; a model that goes on for ever ends here. */
  private static final int MAX_REPLY = 1_000_000;

  private final LiveRun run;
  private final ChatLog chatLog;
  private final PartialTexts partials;
  private final TokenQuota.Spending spending;
  private volatile String model;
  private volatile Integer inputTokens = 0;
  private volatile Integer outputTokens = 0;

  RunProgress(LiveRun run, ChatLog chatLog, PartialTexts partials, TokenQuota.Spending spending) {
    this.run = run;
    this.chatLog = chatLog;
    this.partials = partials;
    this.spending = spending;
  }

  @Override
  public void text(String piece) {
    chatLog.locked(run.chatId, () -> publish(piece));
  }

  private Void publish(String piece) {
    if (run.endedAs() != null) {
      return null;
    }
    int offset = run.length();
    if (offset + (long) piece.length() > MAX_REPLY) {
      throw new RunFailure(
          Code.BUDGET_EXHAUSTED, "The reply grew over " + MAX_REPLY + " characters.");
    }
    String shown = run.append(piece);
    if (!shown.isEmpty()) {
      chatLog.publishUnstored(run.chatId, run.delta(offset, shown));
      partials.changed(run);
    }
    return null;
  }

  @Override
  public void agent(String agentId, Status status, String parentAgentId, int depth) {
    store(Events.AGENT, Events.AgentState.of(run.runId(), agentId, status, parentAgentId, depth));
  }

  @Override
  public void skipped(MissingAgents missing, String parentAgentId, int depth) {
    chatLog.change(
        run.chatId,
        (append, tx) -> {
          Events.AgentState.skipped(run.runId(), missing, parentAgentId, depth)
              .forEach(state -> append.event(Events.AGENT, state));
          return null;
        });
  }

  @Override
  public void tool(String agentId, String name, Status status, String summary) {
    store(Events.TOOL, new Events.ToolState(run.runId(), agentId, name, status.wire(), summary));
  }

  /** Where nothing can be stored, the agent waits until its run ends or something can. */
  private void store(String type, Object data) {
    boolean stored = false;
    while (!stored) {
      try {
        chatLog.change(
            run.chatId,
            (append, tx) -> {
              append.event(type, data);
              return null;
            });
        stored = true;
      } catch (CannotStoreException e) {
        if (!chatLog.awaitStorable(() -> run.endedAs() != null)) {
          throw e;
        }
      }
    }
  }

  @Override
  public void usage(String modelRef, int input, int output) {
    model = modelRef;
    inputTokens = input;
    outputTokens = output;
    spending.spent((long) input + output);
    if (run.endedAs() == null) {
      partials.changed(run);
    }
  }

  @Override
  public void costs(Supplier<List<Cost>> costs) {
    run.costs(costs);
  }

  @Override
  public String refusal() {
    return spending.refusal();
  }

  @Override
  public List<Cost> ofAgents() {
    return run.costs();
  }

  @Override
  public String model() {
    return model;
  }

  @Override
  public Integer inputTokens() {
    return inputTokens;
  }

  @Override
  public Integer outputTokens() {
    return outputTokens;
  }
}
