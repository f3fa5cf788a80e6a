package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.Await;
import io.coterie.chat.RunQueue.Kind;
import io.coterie.model.Gate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class RunQueueTest {

  private static final UUID USER = UUID.randomUUID();

  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work);
            thread.setDaemon(true);
            return thread;
          });
  private final List<UUID> done = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  @RepeatedTest(50)
  void manyChats_manyRuns_eachOnceInItsChatsOrderWithinTheLimit() {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Map<UUID, AtomicInteger> perChat = new ConcurrentHashMap<>();
    AtomicInteger overlaps = new AtomicInteger();
    RunQueue queue =
        new RunQueue(
            limits(3, 1_000),
            threads,
            (chat, run) -> {
              most.accumulateAndGet(now.incrementAndGet(), Math::max);
              AtomicInteger inChat = perChat.computeIfAbsent(chat, id -> new AtomicInteger());
              if (inChat.incrementAndGet() > 1) {
                overlaps.incrementAndGet();
              }
              done.add(run);
              inChat.decrementAndGet();
              now.decrementAndGet();
            });
    Map<UUID, List<UUID>> added = new HashMap<>();
    List<UUID> chats = IntStream.range(0, 8).mapToObj(i -> UUID.randomUUID()).toList();
    for (int i = 0; i < 400; i++) {
      UUID chat = chats.get(i % chats.size());
      UUID run = UUID.randomUUID();
      added.computeIfAbsent(chat, id -> new ArrayList<>()).add(run);
      Kind kind = i % 5 == 0 ? Kind.LOCAL : Kind.MODEL;
      assertThat(queue.reserve(USER, kind)).isTrue();
      queue.add(run(chat, run, kind));
    }
    Await.until(() -> done.size() == 400, () -> done.size() + " done");
    assertThat(overlaps).hasValue(0);
    assertThat(most.get()).isBetween(1, 6);
    added.forEach(
        (chat, runs) -> assertThat(done.stream().filter(runs::contains).toList()).isEqualTo(runs));
    assertThat(idle(queue)).isTrue();
    assertThat(queue.waiting()).isZero();
  }

  @Test
  void reserve_beyondAllPlaces_isRefusedUntilOneIsFree() {
    Gate gate = new Gate();
    RunQueue queue = new RunQueue(limits(1, 1), threads, (chat, run) -> gate.await());
    assertThat(queue.reserve(USER, Kind.MODEL)).isTrue();
    assertThat(queue.reserve(USER, Kind.MODEL)).isTrue();
    assertThat(queue.reserve(USER, Kind.MODEL)).isFalse();
    queue.release(USER, Kind.MODEL);
    assertThat(queue.reserve(USER, Kind.MODEL)).isTrue();
    gate.open();
  }

  @Test
  void remove_ofARunThatWaits_givesItsPlaceBackAndItNeverRuns() {
    Gate gate = new Gate();
    RunQueue queue = blocked(gate);
    UUID chat = UUID.randomUUID();
    UUID first = UUID.randomUUID();
    UUID second = UUID.randomUUID();
    queue.restore(run(chat, first, Kind.MODEL));
    queue.restore(run(chat, second, Kind.MODEL));
    assertThat(queue.waitingOf(chat)).containsExactly(first, second);
    assertThat(queue.remove(chat, first)).isTrue();
    assertThat(queue.remove(chat, first)).isFalse();
    assertThat(queue.waiting()).isEqualTo(1);
    gate.open();
    Await.until(() -> done.contains(second), () -> "the other run");
    assertThat(done).doesNotContain(first);
  }

  @Test
  void remove_ofAChatsOnlyRun_leavesOthersGoing() {
    Gate gate = new Gate();
    RunQueue queue = blocked(gate);
    UUID chat = UUID.randomUUID();
    UUID run = UUID.randomUUID();
    UUID other = UUID.randomUUID();
    queue.restore(run(chat, run, Kind.MODEL));
    queue.restore(run(UUID.randomUUID(), other, Kind.MODEL));
    assertThat(queue.remove(chat, run)).isTrue();
    queue.restore(run(chat, run, Kind.MODEL));
    gate.open();
    Await.until(() -> done.containsAll(List.of(run, other)), () -> "both runs: " + done);
    assertThat(idle(queue)).isTrue();
  }

  @Test
  void runsOfOneKind_doNotWaitForTheOther_andHavePlacesOfTheirOwn() {
    Gate gate = new Gate();
    RunQueue queue = blocked(gate);
    UUID local = UUID.randomUUID();
    queue.restore(run(UUID.randomUUID(), local, Kind.LOCAL));
    Await.until(() -> done.contains(local), () -> "the local run");
    IntStream.range(0, 10).forEach(i -> assertThat(queue.reserve(USER, Kind.MODEL)).isTrue());
    assertThat(queue.reserve(USER, Kind.MODEL)).isFalse();
    assertThat(queue.reserve(USER, Kind.LOCAL)).isTrue();
    gate.open();
  }

  @Test
  void runsOfOneChat_ofBothKinds_keepTheirOrder() {
    Gate gate = new Gate();
    RunQueue queue = blocked(gate);
    UUID chat = UUID.randomUUID();
    List<UUID> runs = IntStream.range(0, 20).mapToObj(i -> UUID.randomUUID()).toList();
    for (int i = 0; i < runs.size(); i++) {
      queue.restore(run(chat, runs.get(i), i % 3 == 0 ? Kind.MODEL : Kind.LOCAL));
    }
    gate.open();
    Await.until(() -> done.size() == 21, () -> done.size() + " done");
    assertThat(done.subList(1, 21)).isEqualTo(runs);
    assertThat(idle(queue)).isTrue();
    assertThat(queue.waiting()).isZero();
  }

  @Test
  void remove_ofTheRunThatIsNext_letsOneOfTheOtherKindGo() {
    Gate gate = new Gate();
    RunQueue queue = blocked(gate);
    UUID chat = UUID.randomUUID();
    UUID first = UUID.randomUUID();
    UUID second = UUID.randomUUID();
    queue.restore(run(chat, first, Kind.MODEL));
    queue.restore(run(chat, second, Kind.LOCAL));
    assertThat(queue.remove(chat, first)).isTrue();
    Await.until(() -> done.contains(second), () -> "the local run");
    gate.open();
    assertThat(idle(queue)).isTrue();
    assertThat(done).hasSize(2);
  }

  @Test
  void worker_thatThrows_harmsNoOther() {
    RunQueue queue =
        new RunQueue(
            limits(1, 10),
            threads,
            (chat, run) -> {
              done.add(run);
              throw new StackOverflowError("on purpose");
            });
    UUID chat = UUID.randomUUID();
    IntStream.range(0, 3).forEach(i -> queue.restore(run(chat, UUID.randomUUID(), Kind.MODEL)));
    Await.until(() -> done.size() == 3, () -> done.size() + " done");
  }

  @Test
  void add_withoutAThreadToGive_keepsTheRunForTheNextOne() {
    AtomicInteger refusals = new AtomicInteger(1);
    RunQueue queue =
        new RunQueue(
            limits(1, 10),
            work -> {
              if (refusals.getAndDecrement() > 0) {
                throw new RejectedExecutionException();
              }
              threads.execute(work);
            },
            (chat, run) -> done.add(run));
    UUID chat = UUID.randomUUID();
    UUID first = UUID.randomUUID();
    UUID second = UUID.randomUUID();
    queue.restore(run(chat, first, Kind.MODEL));
    assertThat(idle(queue)).isTrue();
    queue.restore(run(chat, second, Kind.MODEL));
    Await.until(() -> done.size() == 2, () -> done.toString());
    assertThat(done).containsExactly(first, second);
  }

  @Test
  void stop_startsNothingMore_andIdleWaitsForWhatGoesOn() {
    Gate begun = new Gate();
    Gate gate = new Gate();
    RunQueue queue =
        new RunQueue(
            limits(1, 10),
            threads,
            (chat, run) -> {
              begun.open();
              gate.await();
              done.add(run);
            });
    queue.restore(run(UUID.randomUUID(), UUID.randomUUID(), Kind.MODEL));
    queue.restore(run(UUID.randomUUID(), UUID.randomUUID(), Kind.MODEL));
    begun.await();
    queue.stop();
    assertThat(idle(queue, Duration.ofMillis(20))).isFalse();
    gate.open();
    assertThat(idle(queue)).isTrue();
    assertThat(done).hasSize(1);
    assertThat(queue.waiting()).isEqualTo(1);
  }

  /** A queue of one worker for each kind; that for models is busy until the gate opens. */
  private RunQueue blocked(Gate gate) {
    Gate begun = new Gate();
    RunQueue queue =
        new RunQueue(
            limits(1, 10),
            threads,
            (chat, run) -> {
              if (!begun.isOpen()) {
                begun.open();
                gate.await();
              }
              done.add(run);
            });
    queue.restore(run(UUID.randomUUID(), UUID.randomUUID(), Kind.MODEL));
    begun.await();
    return queue;
  }

  /** All places may be one user's. */
  private static RunLimits limits(int concurrent, int waiting) {
    return new RunLimits(concurrent, concurrent, waiting, waiting);
  }

  private static RunQueue.Run run(UUID chat, UUID run, Kind kind) {
    return new RunQueue.Run(chat, run, USER, kind);
  }

  private static boolean idle(RunQueue queue) {
    return idle(queue, Duration.ofSeconds(20));
  }

  private static boolean idle(RunQueue queue, Duration time) {
    return queue.awaitIdle(time);
  }
}
