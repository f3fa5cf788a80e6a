package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.Await;
import io.coterie.chat.RunQueue.Kind;
import io.coterie.http.ApiException;
import io.coterie.model.Gate;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How the places of the queue of runs are shared among users. */
class FairSharesTest {

  /** A user of a test, who is known by a letter. */
  private static UUID user(String letter) {
    return UUID.nameUUIDFromBytes(letter.getBytes(StandardCharsets.US_ASCII));
  }

  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work);
            thread.setDaemon(true);
            return thread;
          });
  private final Map<UUID, String> names = new ConcurrentHashMap<>();
  private final Map<UUID, Gate> gates = new ConcurrentHashMap<>();
  private final List<String> begun = Collections.synchronizedList(new ArrayList<>());
  private RunQueue queue;

  @AfterEach
  void stop() {
    gates.values().forEach(Gate::open);
    threads.shutdownNow();
  }

  private void queue(int concurrent, int ofUser, int waiting, int waitingOfUser) {
    queue =
        new RunQueue(
            new RunLimits(concurrent, ofUser, waiting, waitingOfUser),
            threads,
            (chat, run) -> {
              begun.add(names.get(run));
              gates.get(run).await();
            });
  }

  /** Adds a run that goes on until {@link #end}; its name begins with its user's letter. */
  private void add(String name, UUID chat, Kind kind) {
    assertThat(queue.reserve(user(name.substring(0, 1)), kind)).as(name).isTrue();
    queue.add(run(name, chat, kind));
  }

  private void add(String... each) {
    for (String name : each) {
      add(name, UUID.randomUUID(), Kind.MODEL);
    }
  }

  private RunQueue.Run run(String name, UUID chat, Kind kind) {
    UUID run = UUID.randomUUID();
    names.put(run, name);
    gates.put(run, new Gate());
    return new RunQueue.Run(chat, run, user(name.substring(0, 1)), kind);
  }

  private UUID id(String name) {
    return names.entrySet().stream()
        .filter(e -> e.getValue().equals(name))
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  private void end(String name) {
    gates.get(id(name)).open();
  }

  private void awaitBegun(String... expected) {
    Await.until(() -> begun.size() >= expected.length, () -> begun + " have begun");
    assertThat(begun).containsExactlyInAnyOrder(expected);
  }

  /** Ends one after the other, each as soon as it has begun; answers in which order they began. */
  private List<String> order(int runs) {
    for (int i = 0; i < runs; i++) {
      int known = i;
      Await.until(() -> begun.size() > known, () -> known + " have begun: " + begun);
      end(begun.get(i));
    }
    return List.copyOf(begun);
  }

  @Test
  void places_areGivenInTurnAmongUsersAndInOrderWithinOne() {
    queue(1, 1, 100, 100);
    add("a1", "a2", "a3", "a4", "b1", "b2", "c1");
    assertThat(order(7)).containsExactly("a1", "b1", "c1", "a2", "b2", "a3", "a4");
  }

  @Test
  void userWithNothingRunning_isNextWhateverOthersHaveWaiting() {
    queue(3, 2, 100, 100);
    add("a1", "a2", "a3", "a4", "b1", "b2", "b3");
    awaitBegun("a1", "a2", "b1");
    add("c1");
    end("b1");
    awaitBegun("a1", "a2", "b1", "c1");
    end("a1");
    awaitBegun("a1", "a2", "b1", "c1", "b2");
    end("a2");
    // It has none going, and b has one.
    awaitBegun("a1", "a2", "b1", "c1", "b2", "a3");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void oneUser_holdsItsPartOfThePlaces_andBlocksNobody(Kind kind) {
    queue(10, 5, 1_000, 1_000);
    for (int i = 0; i < 40; i++) {
      add("a" + i, UUID.randomUUID(), kind);
    }
    Await.until(() -> begun.size() == 5, () -> begun.toString());
    assertThat(queue.running()).isEqualTo(5);
    assertThat(queue.waiting()).isEqualTo(35);
    for (int i = 0; i < 10; i++) {
      add("b" + i, UUID.randomUUID(), kind);
    }
    Await.until(() -> begun.size() == 10, () -> begun.toString());
    assertThat(queue.running()).isEqualTo(10);
    assertThat(begun.stream().filter(name -> name.startsWith("b"))).hasSize(5);
    end("a0");
    Await.until(() -> begun.size() == 11, () -> begun.toString());
    assertThat(begun.get(10)).isEqualTo("a5");
    assertThat(queue.running()).isEqualTo(10);
  }

  @Test
  void runsOfOneChat_holdOnePlaceAndKeepTheirOrderBesideOthers() {
    queue(2, 2, 100, 100);
    UUID chat = UUID.randomUUID();
    for (int i = 1; i <= 3; i++) {
      add("a" + i, chat, Kind.MODEL);
    }
    add("b1", "b2");
    awaitBegun("a1", "b1");
    end("a1");
    // Neither has anything going but b1: the chat's next run is one of somebody with nothing.
    awaitBegun("a1", "b1", "a2");
    end("b1");
    awaitBegun("a1", "b1", "a2", "b2");
    end("a2");
    awaitBegun("a1", "b1", "a2", "b2", "a3");
  }

  @Test
  void queue_ofOneUser_endsBeforeThatOfAll() {
    queue(2, 1, 6, 3);
    UUID chat = UUID.randomUUID();
    add("a1", "a2", "a4");
    add("a3", chat, Kind.MODEL);
    assertThat(queue.reserve(user("a"), Kind.MODEL)).isFalse();
    assertThat(queue.reserve(user("a"), Kind.LOCAL)).isTrue();
    queue.release(user("a"), Kind.LOCAL);
    add("b1", "b2", "b3", "b4");
    assertThat(queue.reserve(user("b"), Kind.MODEL)).isFalse();
    // Everybody together has as many as there are.
    assertThat(queue.reserve(user("c"), Kind.MODEL)).isFalse();
    assertThat(queue.remove(chat, id("a3"))).isTrue();
    assertThat(queue.reserve(user("c"), Kind.MODEL)).isTrue();
    queue.release(user("c"), Kind.MODEL);
    assertThat(queue.reserve(user("a"), Kind.MODEL)).isTrue();
  }

  @Test
  void remove_ofAWaitingRun_letsTheUsersNextChatKeepItsTurn() {
    queue(1, 1, 100, 100);
    add("a1");
    UUID first = UUID.randomUUID();
    add("a2", first, Kind.MODEL);
    add("a3", first, Kind.MODEL);
    add("a4");
    assertThat(queue.remove(first, id("a2"))).isTrue();
    assertThat(order(3)).containsExactly("a1", "a3", "a4");
  }

  @Test
  void remove_ofAllThatAUserHasWaiting_leavesTheTurnToOthers() {
    queue(1, 1, 100, 100);
    add("a1");
    UUID chat = UUID.randomUUID();
    add("b1", chat, Kind.MODEL);
    add("b2", chat, Kind.MODEL);
    add("c1");
    for (UUID run : queue.waitingOf(chat)) {
      assertThat(queue.remove(chat, run)).isTrue();
    }
    assertThat(order(2)).containsExactly("a1", "c1");
    Await.until(() -> queue.running() == 0, () -> "an idle queue");
    assertThat(queue.waiting()).isZero();
  }

  @Test
  void restored_runs_keepTheirOrderAndAreSharedToo() {
    queue(1, 1, 1, 1);
    for (String name : List.of("a1", "a2", "a3", "b1", "b2")) {
      queue.restore(run(name, UUID.randomUUID(), Kind.MODEL));
    }
    assertThat(queue.waiting()).isEqualTo(4);
    assertThat(queue.reserve(user("c"), Kind.MODEL)).isFalse();
    assertThat(order(5)).containsExactly("a1", "b1", "a2", "b2", "a3");
  }

  @Test
  void chatOfTwoUsers_countsForWhoeverWroteEach() {
    queue(2, 1, 100, 100);
    UUID chat = UUID.randomUUID();
    add("a1", chat, Kind.MODEL);
    add("b1", chat, Kind.MODEL);
    add("b2");
    awaitBegun("a1", "b2");
    end("a1");
    add("a2");
    // Its own place is taken, and a2's is not.
    awaitBegun("a1", "b2", "a2");
    end("b2");
    awaitBegun("a1", "b2", "a2", "b1");
  }

  @Test
  void guests_takePlacesOfTheirUser() {
    queue(2, 1, 100, 100);
    List<String> told = Collections.synchronizedList(new ArrayList<>());
    Gate gate = new Gate();
    add("a1");
    for (String name : List.of("a", "b", "a")) {
      assertThat(
              queue.addGuest(
                  UUID.randomUUID(), Kind.MODEL, guest(name, () -> told.add(name), gate)))
          .isTrue();
    }
    Await.until(() -> told.size() == 1, () -> told.toString());
    assertThat(told).containsExactly("b");
    assertThat(queue.running()).isEqualTo(2);
    end("a1");
    Await.until(() -> told.size() == 2, () -> told.toString());
    gate.open();
    Await.until(() -> told.size() == 3, () -> told.toString());
    Await.until(() -> queue.running() == 0, () -> "an idle queue");
  }

  private static GuestRuns.Guest guest(String name, Runnable begun, Gate gate) {
    return new GuestRuns.Guest() {
      @Override
      public void run() {
        begun.run();
        gate.await();
      }

      @Override
      public UUID userId() {
        return user(name);
      }

      @Override
      public void stop(ApiException reason) {
        gate.open();
      }
    };
  }

  @RepeatedTest(20)
  void manyUsers_atRandom_neverHoldMoreThanTheirPartAndAllHaveTheirTurn() {
    Random random = new Random();
    Map<String, AtomicInteger> going = new ConcurrentHashMap<>();
    AtomicInteger now = new AtomicInteger();
    AtomicInteger broken = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    queue =
        new RunQueue(
            new RunLimits(4, 2, 100_000, 100_000),
            threads,
            (chat, run) -> {
              AtomicInteger its =
                  going.computeIfAbsent(
                      names.get(run).substring(0, 1), letter -> new AtomicInteger());
              if (its.incrementAndGet() > 2 || now.incrementAndGet() > 4) {
                broken.incrementAndGet();
              }
              Thread.yield();
              now.decrementAndGet();
              its.decrementAndGet();
              done.incrementAndGet();
            });
    List<UUID> shared = Stream.generate(UUID::randomUUID).limit(6).toList();
    int removed = 0;
    for (int i = 0; i < 600; i++) {
      String letter = List.of("a", "b", "c", "d").get(random.nextInt(4));
      UUID chat = random.nextBoolean() ? UUID.randomUUID() : shared.get(random.nextInt(6));
      RunQueue.Run run = run(letter + i, chat, Kind.MODEL);
      assertThat(queue.reserve(run.userId(), run.kind())).isTrue();
      queue.add(run);
      if (random.nextInt(5) == 0 && queue.remove(chat, run.runId())) {
        removed++;
      }
    }
    int expected = 600 - removed;
    Await.until(() -> done.get() == expected, () -> done + " of " + expected);
    Await.until(() -> queue.running() == 0, () -> "an idle queue");
    assertThat(broken).hasValue(0);
    assertThat(queue.waiting()).isZero();
    assertThat(IntStream.range(0, 4)).allMatch(i -> queue.reserve(user("z"), Kind.MODEL));
  }
}
