package io.coterie.chat;

import io.coterie.agent.AgentRunner;
import io.coterie.model.RunFailure;
import io.coterie.storage.Tx;
import io.coterie.usage.UsageLog;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** What the end of a run stores, in the order in which clients are told. */
final class RunEnding {

  /** What a run cost; all null where it asked no model. */
  interface Cost {
    Cost UNKNOWN =
        new Cost() {
          @Override
          public String model() {
            return null;
          }

          @Override
          public Integer inputTokens() {
            return null;
          }

          @Override
          public Integer outputTokens() {
            return null;
          }

          @Override
          public List<AgentRunner.Cost> ofAgents() {
            return List.of();
          }
        };

    String model();

    Integer inputTokens();

    Integer outputTokens();

    /** The same by agent and model, those without a model included; what is accounted. */
    List<AgentRunner.Cost> ofAgents();
  }

  private RunEnding() {}

  /**
   * Ends a run as part of a change of its chat; answers the reply, which has no row where there is
   * no text to keep.
   */
  static MessageView append(
      ChatLog.Append append,
      Tx tx,
      RunRow run,
      String agentId,
      RunStatus status,
      String text,
      RunFailure failure,
      Cost cost) {
    int ended =
        tx.use(RunDao.class)
            .end(
                run.runId(),
                status.wire(),
                cost.model(),
                cost.inputTokens(),
                cost.outputTokens(),
                append.now());
    boolean broken = status == RunStatus.FAILED || status == RunStatus.INTERRUPTED;
    append.event(
        Events.AGENT,
        new Events.AgentState(run.runId(), agentId, broken ? "failed" : "finished", null, 0));
    MessageRow reply =
        reply(
            run,
            agentId,
            status,
            text,
            append.nextSeq(),
            cost.inputTokens(),
            cost.outputTokens(),
            append.now());
    if (status == RunStatus.COMPLETED || !text.isEmpty()) {
      append.message(Events.MESSAGE, reply);
    }
    if (failure != null) {
      append.event(Events.ERROR, Events.Failure.of(failure, run.runId()));
    }
    append.event(Events.RUN, Events.RunState.of(run, agentId, status));
    if (ended > 0) {
      UsageLog.add(tx, run.ownerId(), cost.ofAgents(), append.now());
    }
    return MessageView.of(reply);
  }

  /**
   * Cancels queued runs of a chat as part of a change of it, the oldest first, or one alone;
   * answers which.
   *
   * @param runId null for any
   * @param most how many
   */
  static List<RunRow> cancelQueued(ChatLog.Append append, Tx tx, UUID runId, int most) {
    RunDao dao = tx.use(RunDao.class);
    List<RunRow> runs =
        runId == null
            ? dao.queuedOfChat(append.chatId(), most)
            : dao.find(runId).filter(run -> isQueuedIn(append.chatId(), run)).stream().toList();
    for (RunRow run : runs) {
      dao.end(run.runId(), RunStatus.CANCELLED.wire(), null, null, null, append.now());
      append.event(Events.RUN, Events.RunState.of(run, run.agentId(), RunStatus.CANCELLED));
    }
    return runs;
  }

  private static boolean isQueuedIn(UUID chatId, RunRow run) {
    return run.chatId().equals(chatId) && run.status().equals(RunStatus.QUEUED.wire());
  }

  /** As {@link #append}, for a run that could not even begin. */
  static MessageView refused(ChatLog.Append append, Tx tx, UUID runId, RunFailure failure) {
    RunRow run = tx.use(RunDao.class).find(runId).orElse(null);
    return run == null
        ? null
        : append(append, tx, run, run.agentId(), RunStatus.FAILED, "", failure, Cost.UNKNOWN);
  }

  /** What becomes of a run that was cancelled while it was queued: a reply that is not stored. */
  static RunOutcome neverBegun(RunRow run, Instant now) {
    RunStatus status = RunStatus.CANCELLED;
    MessageRow reply = reply(run, run.agentId(), status, "", 0, null, null, now);
    return new RunOutcome(status, MessageView.of(reply), null);
  }

  private static MessageRow reply(
      RunRow run,
      String agentId,
      RunStatus status,
      String text,
      long seq,
      Integer inputTokens,
      Integer outputTokens,
      Instant now) {
    return new MessageRow(
        run.replyId(),
        run.chatId(),
        run.runId(),
        seq,
        run.turnSeq(),
        MessageRow.ASSISTANT,
        agentId,
        text,
        status.wire(),
        inputTokens,
        outputTokens,
        now);
  }
}
