package io.coterie.chat;

import io.coterie.agent.AgentChooser;
import io.coterie.agent.AgentRunner;
import io.coterie.http.ApiException;
import io.coterie.model.RunFailure;
import io.coterie.model.RunFailure.Code;
import io.coterie.storage.Tx;
import io.coterie.usage.TokenQuota;
import io.coterie.usage.UsageLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works on runs: from queued over running to exactly one end, whatever happens to the agent, the
 * clients or the chat. Thread-safe.
 */
final class ChatRuns {

  private static final Logger log = LoggerFactory.getLogger(ChatRuns.class);
  private static final int END_ATTEMPTS = 3;
  private static final Duration INTERRUPT_GRACE = Duration.ofSeconds(3);

  private final ChatLog chatLog;
  private final AgentRunner runner;
  private final AgentChooser chooser;
  private final ChatHistory history;
  private final PartialTexts partials;
  private final UsageLog usage;
  private final TokenQuota quota;
  private final RunQueue queue;
  private final RunObserver observer;
  private final Map<UUID, LiveRun> live = new ConcurrentHashMap<>();
  private final Map<UUID, CompletableFuture<RunOutcome>> outcomes = new ConcurrentHashMap<>();

  /**
   * @param maxConcurrent how many runs are worked on at once, of those that ask a model and of
   *     those that do not
   * @param maxWaiting how many more of each may wait
   */
  ChatRuns(
      ChatLog chatLog,
      AgentRunner runner,
      AgentChooser chooser,
      ChatHistory history,
      PartialTexts partials,
      UsageLog usage,
      TokenQuota quota,
      Executor threads,
      int maxConcurrent,
      int maxWaiting,
      RunObserver observer) {
    this.observer = observer;
    this.chatLog = chatLog;
    this.runner = runner;
    this.chooser = chooser;
    this.history = history;
    this.partials = partials;
    this.usage = usage;
    this.quota = quota;
    this.queue = new RunQueue(maxConcurrent, maxWaiting, threads, this::work);
  }

  boolean asksModel(String agentId) {
    return runner.asksModel(agentId);
  }

  /**
   * Takes a place for a run of that agent; 429 where none is left. Each is either {@link #enqueue}d
   * or {@link #release}d.
   */
  void reserve(String agentId) {
    if (!queue.reserve(kind(agentId))) {
      throw ApiException.tooManyRequests(1);
    }
  }

  void release(String agentId) {
    queue.release(kind(agentId));
  }

  /** Runs of no chat, which wait for the same places. */
  GuestRuns guests() {
    return new GuestRuns(queue, this::kind);
  }

  /** Stores a queued run as part of a change of its chat. */
  void insert(ChatLog.Append append, Tx tx, RunRow run, List<String> skipped) {
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
    for (String agentId : skipped) {
      append.event(Events.AGENT, new Events.AgentState(run.runId(), agentId, "skipped", null, 0));
    }
  }

  /** Lets a stored run have its turn; the future completes when it has ended. */
  CompletableFuture<RunOutcome> enqueue(UUID chatId, UUID runId, String agentId) {
    CompletableFuture<RunOutcome> outcome = new CompletableFuture<>();
    outcomes.put(runId, outcome);
    queue.add(chatId, runId, kind(agentId));
    return outcome;
  }

  /** As {@link #enqueue}, for a run of an earlier process. */
  void restore(RunRow run) {
    queue.restore(run.chatId(), run.runId(), kind(run.agentId()));
  }

  /**
   * The reply in progress, brought up to date for somebody who has none of it. Call it under the
   * chat's lock.
   */
  Optional<ChatEvent> inProgress(UUID chatId) {
    return Optional.ofNullable(live.get(chatId))
        .filter(run -> run.length() > 0)
        .map(run -> run.delta(0, run.text()));
  }

  /**
   * Cancels one run, or all that the chat has where {@code runId} is null; false where there is
   * none.
   */
  boolean cancel(UUID chatId, UUID runId) {
    List<RunRow> cancelled = new ArrayList<>();
    Optional<LiveRun> running =
        chatLog.locked(
            chatId,
            () -> {
              chatLog
                  .change(chatId, (append, tx) -> RunEnding.cancelQueued(append, tx, runId))
                  .ifPresent(cancelled::addAll);
              return Optional.ofNullable(live.get(chatId))
                  .filter(run -> runId == null || run.runId().equals(runId));
            });
    for (RunRow run : cancelled) {
      queue.remove(chatId, run.runId());
      complete(run.runId(), RunEnding.neverBegun(run, chatLog.now()));
    }
    // Outside the lock: the model's thread may hold what cancelling needs, and wait for the lock.
    boolean stopped = running.map(run -> run.end(RunStatus.CANCELLED)).orElse(false);
    return stopped || !cancelled.isEmpty();
  }

  /** Ends what goes on in a chat whose rows are gone. */
  void chatGone(UUID chatId) {
    // Under the lock, so that a run that is just beginning is not missed.
    chatLog
        .locked(chatId, () -> Optional.ofNullable(live.get(chatId)))
        .ifPresent(run -> run.end(RunStatus.CANCELLED));
    for (UUID runId : queue.waitingOf(chatId)) {
      if (queue.remove(chatId, runId)) {
        complete(runId, RunOutcome.CHAT_GONE);
      }
    }
  }

  /**
   * Starts no more runs, gives those in progress some time, and ends the rest as interrupted.
   * Whoever waits for a run that is still queued is told that the server stops.
   */
  void stop(Duration grace) {
    queue.stop();
    if (!queue.awaitIdle(grace)) {
      log.info("{} runs are still going after {} ms", live.size(), grace.toMillis());
      live.values().forEach(run -> run.end(RunStatus.INTERRUPTED));
      queue.endGuests();
      queue.awaitIdle(INTERRUPT_GRACE);
    }
    queue.endGuests();
    outcomes.values().forEach(future -> future.completeExceptionally(ApiException.stopping()));
  }

  private void work(UUID chatId, UUID runId) {
    LiveRun run;
    try {
      run = begin(chatId, runId).orElse(null);
    } catch (RuntimeException | Error e) {
      log.error("run_id={} could not be begun", runId, e);
      complete(runId, refuse(chatId, runId));
      return;
    }
    if (run == null) {
      complete(runId, RunOutcome.CHAT_GONE);
      return;
    }
    try (TokenQuota.Spending spending = quota.begin(run.row.ownerId())) {
      work(run, new RunProgress(run, chatLog, partials, spending));
    }
  }

  private void work(LiveRun run, RunProgress progress) {
    RunFailure failure = null;
    try {
      runner.run(task(run), progress, run.cancellation);
      run.end(RunStatus.COMPLETED);
    } catch (CancellationException e) {
      run.end(RunStatus.CANCELLED);
    } catch (RunFailure e) {
      failure = e;
      if (e.code() == Code.INTERNAL) {
        log.error("run_id={} failed", run.runId(), e);
      }
    } catch (RuntimeException | Error e) {
      log.error("run_id={} failed", run.runId(), e);
      failure = new RunFailure(Code.INTERNAL, "The agent failed for a reason that is in the log.");
    }
    if (failure != null) {
      run.end(RunStatus.FAILED);
    }
    finish(run, progress, run.endedAs() == RunStatus.FAILED ? failure : null);
  }

  private Optional<LiveRun> begin(UUID chatId, UUID runId) {
    return chatLog.locked(
        chatId,
        () -> {
          Optional<LiveRun> begun =
              chatLog.change(chatId, (append, tx) -> start(append, tx, runId));
          begun.ifPresent(run -> live.put(chatId, run));
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
      append.event(Events.AGENT, new Events.AgentState(runId, row.agentId(), "skipped", null, 0));
    }
    append.event(Events.RUN, Events.RunState.of(row, agentId, RunStatus.RUNNING));
    append.event(Events.AGENT, new Events.AgentState(runId, agentId, "started", null, 0));
    return new LiveRun(row, agentId);
  }

  /**
   * Fails a run that could not begin; where that fails as well, clients are told, and it has its
   * turn at the next start.
   */
  private RunOutcome refuse(UUID chatId, UUID runId) {
    RunFailure failure = new RunFailure(Code.INTERNAL, "The reply could not be begun.");
    try {
      chatLog.change(chatId, (append, tx) -> RunEnding.refused(append, tx, runId, failure));
    } catch (RuntimeException | Error e) {
      log.error("run_id={} could not be failed", runId, e);
      tellOnly(chatId, runId, failure);
    }
    return new RunOutcome(RunStatus.FAILED, null, failure);
  }

  private void tellOnly(UUID chatId, UUID runId, RunFailure failure) {
    chatLog.tell(chatId, ChatEvent.unstored(Events.ERROR, Events.Failure.of(failure, runId)));
  }

  private AgentRunner.Task task(LiveRun run) {
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
   * Stores the end. The disk may be full for a moment; where a run cannot be ended now, clients are
   * told, and it is interrupted at the next start.
   */
  private void finish(LiveRun run, RunProgress progress, RunFailure failure) {
    RunOutcome outcome = null;
    for (int attempt = 1; outcome == null; attempt++) {
      try {
        outcome = UsageLog.again(() -> store(run, progress, failure));
      } catch (RuntimeException | Error e) {
        log.error("run_id={} could not be ended, attempt {}", run.runId(), attempt, e);
        if (attempt == END_ATTEMPTS) {
          RunFailure unstored = new RunFailure(Code.INTERNAL, "The reply could not be stored.");
          outcome = new RunOutcome(RunStatus.FAILED, null, unstored);
          tellOnly(run.chatId, run.runId(), unstored);
        }
      }
    }
    live.remove(run.chatId, run);
    partials.forget(run);
    complete(run.runId(), outcome);
  }

  private RunOutcome store(LiveRun run, RunProgress progress, RunFailure failure) {
    RunStatus status = run.endedAs();
    return chatLog.locked(
        run.chatId,
        () -> {
          RunOutcome outcome =
              chatLog
                  .change(
                      run.chatId,
                      (append, tx) ->
                          RunEnding.append(
                              append,
                              tx,
                              run.row,
                              run.agentId,
                              status,
                              run.text(),
                              failure,
                              progress))
                  .map(message -> new RunOutcome(status, message, failure))
                  .orElseGet(() -> chatless(run, progress));
          live.remove(run.chatId, run);
          return outcome;
        });
  }

  private RunOutcome chatless(LiveRun run, RunProgress progress) {
    usage.add(run.row.ownerId(), progress.ofAgents());
    return RunOutcome.CHAT_GONE;
  }

  private RunQueue.Kind kind(String agentId) {
    return runner.asksModel(agentId) ? RunQueue.Kind.MODEL : RunQueue.Kind.LOCAL;
  }

  int running() {
    return queue.running();
  }

  int waiting() {
    return queue.waiting();
  }

  /** Tells whoever counts them of a run that ended elsewhere. */
  void noteEnded(RunStatus status) {
    observer.ended(status.wire());
  }

  private void complete(UUID runId, RunOutcome outcome) {
    noteEnded(outcome.status());
    CompletableFuture<RunOutcome> future = outcomes.remove(runId);
    if (future != null) {
      future.complete(outcome);
    }
  }
}
