package io.coterie.chat;

import io.coterie.http.ApiException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which run goes next: runs of one chat in order, runs of different chats side by side, the
 * places {@linkplain FairShares shared} among users; so many of a kind at once and so many waiting.
 * Thread-safe.
 */
final class RunQueue {

  /** What a run may have to wait for. Each kind has places of its own. */
  enum Kind {
    /** Asks a model, and may hang for as long as that does. */
    MODEL,
    /** Asks nobody, and is over in no time. */
    LOCAL
  }

  /**
   * A run that wants a place.
   *
   * @param chatId the chat whose runs it goes in order with
   * @param userId whose places it takes
   */
  record Run(UUID chatId, UUID runId, UUID userId, Kind kind) {
    private boolean waitsAs(Run other) {
      return other != null && other.kind == kind && other.userId.equals(userId);
    }
  }

  private static final Logger log = LoggerFactory.getLogger(RunQueue.class);

  private final Executor threads;
  private final BiConsumer<UUID, UUID> worker;

  /**
   * The runs that wait, by chat; there is a queue, maybe empty, while one of the chat's runs is
   * being worked on.
   */
  private final Map<UUID, Deque<Run>> lanes = new HashMap<>();

  private final Map<Kind, FairShares> places = new EnumMap<>(Kind.class);
  private final Map<UUID, GuestRuns.Guest> guests = new HashMap<>();
  private boolean stopped;

  /**
   * @param limits how many runs of each kind there may be
   * @param worker does a run, given its chat's id and its own; what it throws is logged and harms
   *     no other run
   */
  RunQueue(RunLimits limits, Executor threads, BiConsumer<UUID, UUID> worker) {
    this.threads = threads;
    this.worker = worker;
    for (Kind kind : Kind.values()) {
      places.put(kind, new FairShares(limits));
    }
  }

  /**
   * Takes a place for a run of that user which is about to be {@linkplain #add added}; false where
   * none is left for it.
   */
  synchronized boolean reserve(UUID userId, Kind kind) {
    return places.get(kind).reserve(userId);
  }

  /** Gives back a place that no run will take. */
  synchronized void release(UUID userId, Kind kind) {
    places.get(kind).leave(userId);
  }

  /** Adds a run whose place was {@linkplain #reserve reserved}. */
  void add(Run run) {
    synchronized (this) {
      Deque<Run> lane = lanes.get(run.chatId());
      if (lane == null) {
        lane = new ArrayDeque<>();
        lanes.put(run.chatId(), lane);
        places.get(run.kind()).ready(run.userId(), run.chatId());
      }
      lane.addLast(run);
    }
    startWorkers();
  }

  /** Adds a run that was stored before this process began, whatever waits already. */
  void restore(Run run) {
    synchronized (this) {
      places.get(run.kind()).wait(run.userId());
    }
    add(run);
  }

  /** Adds a run of no chat; false where no place is left, or no further run is started. */
  boolean addGuest(UUID runId, Kind kind, GuestRuns.Guest guest) {
    synchronized (this) {
      if (stopped || !reserve(guest.userId(), kind)) {
        return false;
      }
      guests.put(runId, guest);
    }
    add(new Run(runId, runId, guest.userId(), kind));
    return true;
  }

  /** Ends such runs of no chat, also those that wait. */
  void endGuests(Predicate<GuestRuns.Guest> which, ApiException reason) {
    List<GuestRuns.Guest> all;
    synchronized (this) {
      all = guests.values().stream().filter(which).toList();
    }
    all.forEach(guest -> guest.stop(reason));
  }

  /** Takes a run back, and gives its place to others; false where it does not wait any more. */
  boolean remove(UUID chatId, UUID runId) {
    synchronized (this) {
      Deque<Run> lane = lanes.get(chatId);
      Run run = lane == null ? null : waitingIn(lane, runId);
      if (run == null) {
        return false;
      }
      guests.remove(runId);
      FairShares its = places.get(run.kind());
      boolean wasNext = lane.getFirst() == run && its.isReady(run.userId(), chatId);
      lane.remove(run);
      if (wasNext && !run.waitsAs(lane.peekFirst())) {
        its.unready(run.userId(), chatId);
        goOn(chatId, lane);
      }
      its.leave(run.userId());
    }
    startWorkers();
    return true;
  }

  /** The chats that have a run, and the runs that have no chat. */
  synchronized Set<UUID> chats() {
    return new HashSet<>(lanes.keySet());
  }

  /** The runs of a chat that wait. */
  synchronized List<UUID> waitingOf(UUID chatId) {
    Deque<Run> lane = lanes.get(chatId);
    return lane == null ? List.of() : lane.stream().map(Run::runId).toList();
  }

  /** Starts no further run; what waits stays stored. */
  synchronized void stop() {
    stopped = true;
  }

  synchronized boolean isStopped() {
    return stopped;
  }

  /** Waits until nothing is worked on; false where that takes longer than {@code time}. */
  synchronized boolean awaitIdle(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    try {
      while (running() > 0) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  synchronized int waiting() {
    return places.values().stream().mapToInt(FairShares::waiting).sum();
  }

  synchronized int running() {
    return places.values().stream().mapToInt(FairShares::running).sum();
  }

  private static Run waitingIn(Deque<Run> lane, UUID runId) {
    return lane.stream().filter(run -> run.runId().equals(runId)).findFirst().orElse(null);
  }

  /** Starts a worker for each run that can have a place. */
  private void startWorkers() {
    for (Kind kind : Kind.values()) {
      Run run;
      do {
        run = begin(kind);
      } while (run != null && startWorker(run));
    }
  }

  /** Where the machine has no thread to give, the run waits until another is added or ends. */
  private boolean startWorker(Run run) {
    try {
      threads.execute(() -> work(run));
      return true;
    } catch (RuntimeException | Error e) {
      log.error("No thread to work on runs", e);
      putBack(run);
      return false;
    }
  }

  private void work(Run first) {
    Run run = first;
    while (run != null) {
      try {
        GuestRuns.Guest guest = guest(run.runId());
        if (guest == null) {
          worker.accept(run.chatId(), run.runId());
        } else {
          guest.run();
        }
      } catch (RuntimeException | Error e) {
        log.error("run_id={} could not be worked on", run.runId(), e);
      }
      end(run);
      run = begin(run.kind());
      startWorkers();
    }
  }

  /** Gives a place to the run that is next; null where there is no run or no place. */
  private synchronized Run begin(Kind kind) {
    UUID chatId = stopped ? null : places.get(kind).begin();
    return chatId == null ? null : lanes.get(chatId).removeFirst();
  }

  private synchronized void putBack(Run run) {
    lanes.get(run.chatId()).addFirst(run);
    places.get(run.kind()).putBack(run.userId(), run.chatId());
    notifyAll();
  }

  private synchronized GuestRuns.Guest guest(UUID runId) {
    return guests.get(runId);
  }

  private synchronized void end(Run run) {
    guests.remove(run.runId());
    places.get(run.kind()).end(run.userId());
    goOn(run.chatId(), lanes.get(run.chatId()));
    notifyAll();
  }

  private void goOn(UUID chatId, Deque<Run> lane) {
    Run head = lane.peekFirst();
    if (head == null) {
      lanes.remove(chatId);
    } else {
      places.get(head.kind()).ready(head.userId(), chatId);
    }
  }
}
