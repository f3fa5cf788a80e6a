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
 * Decides which run goes next: runs of one chat in order, runs of different chats side by side,
 * first come first served, at most so many of a kind at once and at most so many waiting.
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

  private static final Logger log = LoggerFactory.getLogger(RunQueue.class);

  private record Run(UUID runId, Kind kind) {}

  /**
   * The runs of one chat; {@code active} while one of them is being worked on or is about to be.
   */
  private static final class Lane {
    final Deque<Run> waiting = new ArrayDeque<>();
    boolean active;
  }

  /** The places of one kind, and the chats whose next run is of that kind. */
  private static final class Places {
    final Deque<UUID> ready = new ArrayDeque<>();
    int workers;
    int waiting;
  }

  private record Next(UUID chatId, UUID runId) {}

  private final int maxConcurrent;
  private final int maxWaiting;
  private final Executor threads;
  private final BiConsumer<UUID, UUID> worker;
  private final Map<UUID, Lane> lanes = new HashMap<>();
  private final Map<Kind, Places> places = new EnumMap<>(Kind.class);
  private final Map<UUID, GuestRuns.Guest> guests = new HashMap<>();
  private boolean stopped;

  /**
   * @param maxConcurrent how many runs of each kind are worked on at once
   * @param maxWaiting how many more of each kind may wait
   * @param worker does a run, given its chat's id and its own; what it throws is logged and harms
   *     no other run
   */
  RunQueue(int maxConcurrent, int maxWaiting, Executor threads, BiConsumer<UUID, UUID> worker) {
    this.maxConcurrent = maxConcurrent;
    this.maxWaiting = maxWaiting;
    this.threads = threads;
    this.worker = worker;
    for (Kind kind : Kind.values()) {
      places.put(kind, new Places());
    }
  }

  /**
   * Takes a place for a run that is about to be {@linkplain #add added}; false where none is left.
   */
  synchronized boolean reserve(Kind kind) {
    Places its = places.get(kind);
    if (its.waiting >= maxWaiting + maxConcurrent - its.workers) {
      return false;
    }
    its.waiting++;
    return true;
  }

  /** Gives back a place that no run will take. */
  synchronized void release(Kind kind) {
    places.get(kind).waiting--;
  }

  /** Adds a run whose place was {@linkplain #reserve reserved}. */
  void add(UUID chatId, UUID runId, Kind kind) {
    synchronized (this) {
      Lane lane = lanes.computeIfAbsent(chatId, id -> new Lane());
      lane.waiting.addLast(new Run(runId, kind));
      if (!lane.active) {
        lane.active = true;
        places.get(kind).ready.addLast(chatId);
      }
    }
    startWorkers(null);
  }

  /** Adds a run that was stored before this process began, whatever waits already. */
  void restore(UUID chatId, UUID runId, Kind kind) {
    synchronized (this) {
      places.get(kind).waiting++;
    }
    add(chatId, runId, kind);
  }

  /** Adds a run of no chat; false where no place is left, or no further run is started. */
  boolean addGuest(UUID runId, Kind kind, GuestRuns.Guest guest) {
    synchronized (this) {
      if (stopped || !reserve(kind)) {
        return false;
      }
      guests.put(runId, guest);
    }
    add(runId, runId, kind);
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
      Lane lane = lanes.get(chatId);
      Run run = lane == null ? null : waitingIn(lane, runId);
      if (run == null) {
        return false;
      }
      guests.remove(runId);
      Places its = places.get(run.kind());
      its.waiting--;
      boolean wasNext = lane.waiting.getFirst() == run && its.ready.contains(chatId);
      lane.waiting.remove(run);
      Kind next = lane.waiting.isEmpty() ? null : lane.waiting.getFirst().kind();
      if (wasNext && next != run.kind()) {
        its.ready.remove(chatId);
        if (next == null) {
          lanes.remove(chatId);
        } else {
          places.get(next).ready.addLast(chatId);
        }
      }
    }
    startWorkers(null);
    return true;
  }

  /** The chats that have a run, and the runs that have no chat. */
  synchronized Set<UUID> chats() {
    return new HashSet<>(lanes.keySet());
  }

  /** The runs of a chat that wait. */
  synchronized List<UUID> waitingOf(UUID chatId) {
    Lane lane = lanes.get(chatId);
    return lane == null ? List.of() : lane.waiting.stream().map(Run::runId).toList();
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
      while (places.values().stream().anyMatch(of -> of.workers > 0)) {
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
    return places.values().stream().mapToInt(of -> of.waiting).sum();
  }

  synchronized int running() {
    return places.values().stream().mapToInt(of -> of.workers).sum();
  }

  private static Run waitingIn(Lane lane, UUID runId) {
    return lane.waiting.stream().filter(run -> run.runId().equals(runId)).findFirst().orElse(null);
  }

  /**
   * Starts a worker where a run is ready and a place is free.
   *
   * @param own the kind whose worker is asking, and will see to that kind itself
   */
  private void startWorkers(Kind own) {
    for (Kind kind : Kind.values()) {
      if (kind != own && takePlace(kind)) {
        startWorker(kind);
      }
    }
  }

  private synchronized boolean takePlace(Kind kind) {
    Places its = places.get(kind);
    if (its.ready.isEmpty() || its.workers >= maxConcurrent || stopped) {
      return false;
    }
    its.workers++;
    return true;
  }

  /** Where the machine has no thread to give, the run waits for the next one that is added. */
  private void startWorker(Kind kind) {
    try {
      threads.execute(() -> work(kind));
    } catch (RuntimeException | Error e) {
      log.error("No thread to work on runs", e);
      synchronized (this) {
        places.get(kind).workers--;
      }
    }
  }

  private void work(Kind kind) {
    Next next;
    while ((next = take(kind)) != null) {
      try {
        GuestRuns.Guest guest = guest(next.runId());
        if (guest == null) {
          worker.accept(next.chatId(), next.runId());
        } else {
          guest.run();
        }
      } catch (RuntimeException | Error e) {
        log.error("run_id={} could not be worked on", next.runId(), e);
      } finally {
        finished(next);
        startWorkers(kind);
      }
    }
  }

  private synchronized Next take(Kind kind) {
    Places its = places.get(kind);
    UUID chatId = stopped ? null : its.ready.pollFirst();
    if (chatId == null) {
      its.workers--;
      notifyAll();
      return null;
    }
    its.waiting--;
    return new Next(chatId, lanes.get(chatId).waiting.removeFirst().runId());
  }

  private synchronized GuestRuns.Guest guest(UUID runId) {
    return guests.get(runId);
  }

  private synchronized void finished(Next run) {
    guests.remove(run.runId());
    UUID chatId = run.chatId();
    Lane lane = lanes.get(chatId);
    if (lane.waiting.isEmpty()) {
      lanes.remove(chatId);
    } else {
      places.get(lane.waiting.getFirst().kind()).ready.addLast(chatId);
    }
  }
}
