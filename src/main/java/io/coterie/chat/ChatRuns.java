package io.coterie.chat;

import io.coterie.agent.AgentRunner;
import io.coterie.http.ApiException;
import io.coterie.model.RunFailure;
import io.coterie.model.RunFailure.Code;
import io.coterie.usage.TokenQuota;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
  private static final int CANCELLED_AT_ONCE = 100;
  private static final Duration INTERRUPT_GRACE = Duration.ofSeconds(3);

  /**
   * Where runs are worked on.
   *
   * @param maxConcurrent how many are worked on at once, of those that ask a model and of those
   *     that do not
   * @param maxWaiting how many more of each may wait
   */
  record Places(Executor threads, int maxConcurrent, int maxWaiting) {}

  private final ChatLog chatLog;
  private final RunStore store;
  private final AgentRunner runner;
  private final PartialTexts partials;
  private final TokenQuota quota;
  private final RunQueue queue;
  private final RunObserver observer;
  private final Map<UUID, LiveRun> live = new ConcurrentHashMap<>();
  private final Map<UUID, CompletableFuture<RunOutcome>> outcomes = new ConcurrentHashMap<>();
  private volatile boolean waitersTold;

  ChatRuns(
      ChatLog chatLog,
      RunStore store,
      AgentRunner runner,
      PartialTexts partials,
      TokenQuota quota,
      Places places,
      RunObserver observer) {
    this.chatLog = chatLog;
    this.store = store;
    this.runner = runner;
    this.partials = partials;
    this.quota = quota;
    this.queue =
        new RunQueue(places.maxConcurrent(), places.maxWaiting(), places.threads(), this::work);
    this.observer = observer;
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

  /** Lets a stored run have its turn; the future completes when it has ended. */
  CompletableFuture<RunOutcome> enqueue(UUID chatId, UUID runId, String agentId) {
    CompletableFuture<RunOutcome> outcome = new CompletableFuture<>();
    outcomes.put(runId, outcome);
    if (waitersTold) {
      outcome.completeExceptionally(ApiException.stopping());
    }
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
              cancelQueued(chatId, runId, cancelled);
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

  /**
   * Some at a time, so that no transaction takes long; nothing else happens to the chat meanwhile.
   */
  private void cancelQueued(UUID chatId, UUID runId, List<RunRow> cancelled) {
    List<RunRow> some;
    do {
      some =
          chatLog
              .change(
                  chatId,
                  (append, tx) -> RunEnding.cancelQueued(append, tx, runId, CANCELLED_AT_ONCE))
              .orElse(List.of());
      cancelled.addAll(some);
    } while (some.size() == CANCELLED_AT_ONCE);
  }

  /** The chats that have a run, be it that it waits. */
  Set<UUID> chats() {
    Set<UUID> chats = queue.chats();
    chats.addAll(live.keySet());
    return chats;
  }

  /** Ends what goes on in a chat that is gone. */
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
      endGuests();
      queue.awaitIdle(INTERRUPT_GRACE);
    }
    endGuests();
    // First: a run that is just being queued is told of here or there.
    waitersTold = true;
    outcomes.values().forEach(future -> future.completeExceptionally(ApiException.stopping()));
  }

  private void endGuests() {
    queue.endGuests(guest -> true, ApiException.stopping());
  }

  private void work(UUID chatId, UUID runId) {
    LiveRun run;
    try {
      run = store.begin(chatId, runId, begun -> live.put(chatId, begun)).orElse(null);
    } catch (RuntimeException | Error e) {
      log.error("run_id={} could not be begun", runId, e);
      complete(runId, store.refuse(chatId, runId));
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
      runner.run(store.task(run), progress, run.cancellation);
      run.end(RunStatus.COMPLETED);
    } catch (CancellationException e) {
      run.end(RunStatus.CANCELLED);
    } catch (RunFailure e) {
      failure = e;
      if (e.code() == Code.INTERNAL) {
        log.error("run_id={} failed", run.runId(), e);
      } else {
        // Not the message: a provider may repeat in it what somebody wrote.
        log.warn("run_id={} agent_id={} failed code={}", run.runId(), run.agentId, e.code().wire());
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

  private void finish(LiveRun run, RunProgress progress, RunFailure failure) {
    Runnable over = () -> live.remove(run.chatId, run);
    RunOutcome outcome = store.end(run, progress, failure, over);
    over.run();
    partials.forget(run);
    complete(run.runId(), outcome);
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
