package io.coterie.chat;

import io.coterie.agent.AgentChooser;
import io.coterie.agent.AgentRunner;
import io.coterie.agent.AgentRunner.Status;
import io.coterie.agent.MissingAgents;
import io.coterie.model.RunFailure;
import io.coterie.model.RunFailure.Code;
import io.coterie.search.MessageGroups;
import io.coterie.storage.CannotStoreException;
import io.coterie.storage.Database;
import io.coterie.storage.Tx;
import io.coterie.usage.UsageLog;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What runs read and store: each change of a run is one of its chat, which clients are told of.
 * Thread-safe.
 */
final class RunStore {

  private static final Logger log = LoggerFactory.getLogger(RunStore.class);
  private static final int END_ATTEMPTS = 3;

  /** The user's and the reply. */
  private static final int MESSAGES_OF_A_RUN = 2;

  private final Database database;
  private final ChatLog chatLog;
  private final AgentChooser chooser;
  private final ChatHistory history;
  private final UsageLog usage;
  private final MessageGroups groups;

  RunStore(
      Database database,
      ChatLog chatLog,
      AgentChooser chooser,
      ChatHistory history,
      UsageLog usage,
      MessageGroups groups) {
    this.database = database;
    this.chatLog = chatLog;
    this.chooser = chooser;
    this.history = history;
    this.usage = usage;
    this.groups = groups;
  }

  /** Stores a queued run as part of a change of its chat. */
  static void insert(ChatLog.Append append, Tx tx, RunRow run, MissingAgents missing) {
    tx.use(RunDao.class)
        .insert(
            run.runId(),
            run.chatId(),
            run.messageId(),
            run.replyId(),
            run.turnSeq(),
            run.agentId(),
            append.now());
    append.event(Events.RUN, Events.RunState.of(run, run.agentId(), RunStatus.QUEUED));
    Events.AgentState.skipped(run.runId(), missing, null, 0)
        .forEach(state -> append.event(Events.AGENT, state));
  }

  /** What the agent is asked, with what it may read of its chat. */
  AgentRunner.Task task(LiveRun run) {
    RunRow row = run.row;
    return new AgentRunner.Task(
        run.agentId,
        row.ownerId(),
        row.chatId(),
        chooser.withoutMention(row.text(), run.agentId, row.ownerId()),
        budget -> history.before(row.chatId(), row.turnSeq(), budget),
        () -> history.team(row.chatId()),
        "");
  }

  /**
   * Begins a queued run.
   *
   * @param onBegun told of it under the chat's lock
   * @return empty where it is no longer queued, or its chat is gone
   */
  Optional<LiveRun> begin(UUID chatId, UUID runId, Consumer<LiveRun> onBegun) {
    return chatLog.locked(
        chatId,
        () -> {
          Optional<LiveRun> begun =
              chatLog.change(chatId, (append, tx) -> start(append, tx, runId));
          begun.ifPresent(onBegun);
          return begun;
        });
  }

  private LiveRun start(ChatLog.Append append, Tx tx, UUID runId) {
    RunDao dao = tx.use(RunDao.class);
    RunRow row = dao.find(runId).orElse(null);
    if (row == null || !row.status().equals(RunStatus.QUEUED.wire())) {
      return null;
    }
    String agentId =
        chooser.isInstalled(row.agentId(), row.ownerId())
            ? row.agentId()
            : history.choose(tx.use(ChatDao.class), row.chatId(), row.text()).agentId();
    dao.start(runId, agentId, append.now());
    if (!agentId.equals(row.agentId())) {
      append.event(
          Events.AGENT, Events.AgentState.of(runId, row.agentId(), Status.SKIPPED, null, 0));
    }
    append.event(Events.RUN, Events.RunState.of(row, agentId, RunStatus.RUNNING));
    append.event(Events.AGENT, Events.AgentState.of(runId, agentId, Status.STARTED, null, 0));
    return new LiveRun(row, agentId);
  }

  /**
   * Fails a run that could not begin; where that fails as well, clients are told, and it has its
   * turn at the next start.
   */
  RunOutcome refuse(UUID chatId, UUID runId) {
    RunFailure failure = new RunFailure(Code.INTERNAL, "The reply could not be begun.");
    try {
      chatLog.change(chatId, (append, tx) -> RunEnding.refused(append, tx, runId, failure));
    } catch (RuntimeException | Error e) {
      log.error("run_id={} could not be failed", runId, e);
      tellOnly(chatId, runId, failure);
    }
    return new RunOutcome(RunStatus.FAILED, null, failure);
  }

  /**
   * Stores the end. Where nothing can be stored that waits until something can; where a run cannot
   * be ended for another reason, or that is given up, clients are told, and it is interrupted at
   * the next start.
   *
   * @param onStored called under the chat's lock
   * @param givenUp ends the waiting
   */
  RunOutcome end(
      LiveRun run,
      RunProgress progress,
      RunFailure failure,
      Runnable onStored,
      BooleanSupplier givenUp) {
    for (int attempt = 1; attempt <= END_ATTEMPTS; attempt++) {
      try {
        return UsageLog.again(() -> store(run, progress, failure, onStored));
      } catch (CannotStoreException e) {
        if (!chatLog.awaitStorable(givenUp)) {
          break;
        }
        attempt--; // It was not the run's.
      } catch (RuntimeException | Error e) {
        log.error("run_id={} could not be ended, attempt {}", run.runId(), attempt, e);
      }
    }
    RunFailure unstored = new RunFailure(Code.INTERNAL, "The reply could not be stored.");
    tellOnly(run.chatId, run.runId(), unstored);
    return new RunOutcome(RunStatus.FAILED, null, unstored);
  }

  private RunOutcome store(
      LiveRun run, RunProgress progress, RunFailure failure, Runnable onStored) {
    RunStatus status = run.endedAs();
    return chatLog.locked(
        run.chatId,
        () -> {
          RunOutcome outcome =
              chatLog
                  .change(
                      run.chatId,
                      (append, tx) -> ending(append, tx, run, status, progress, failure))
                  .map(message -> new RunOutcome(status, message, failure))
                  .orElseGet(() -> chatless(run, progress));
          onStored.run();
          groups.stored(run.row.ownerId(), MESSAGES_OF_A_RUN);
          return outcome;
        });
  }

  private static MessageView ending(
      ChatLog.Append append,
      Tx tx,
      LiveRun run,
      RunStatus status,
      RunProgress progress,
      RunFailure failure) {
    MessageView reply =
        RunEnding.append(append, tx, run.row, run.agentId, status, run.text(), failure, progress);
    // Now the run's row is held: nothing more is saved of it.
    if (run.mayBeSaved()) {
      tx.use(RunDao.class).dropTexts(run.runId());
    }
    return reply;
  }

  private RunOutcome chatless(LiveRun run, RunProgress progress) {
    usage.add(run.row.ownerId(), progress.ofAgents());
    if (run.mayBeSaved()) {
      dropTexts(database, run.runId());
    }
    return RunOutcome.CHAT_GONE;
  }

  /** Forgets what was saved of a reply whose chat is gone. */
  static void dropTexts(Database database, UUID runId) {
    database.inTransaction(
        tx -> {
          tx.use(RunDao.class).dropTexts(runId);
          return runId;
        });
  }

  private void tellOnly(UUID chatId, UUID runId, RunFailure failure) {
    chatLog.tell(chatId, ChatEvent.unstored(Events.ERROR, Events.Failure.of(failure, runId)));
  }
}
