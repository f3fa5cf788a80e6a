package io.coterie.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Who gives way where there is no room, and what reading costs at one time. */
class RequestMemoryTest {

  private final List<String> evicted = new ArrayList<>();
  private final RequestMemory memory = new RequestMemory(100);

  @Test
  void full_theOldestThatArrives_givesWay() {
    var first = open("a", "first");
    var second = open("b", "second");
    assertThat(first.grow(40)).isTrue();
    assertThat(second.grow(40)).isTrue();
    assertThat(open("c", "third").grow(40)).isTrue();
    assertThat(evicted).containsExactly("first");
    assertThat(memory.used()).isEqualTo(80);
    assertThat(first.grow(1)).isFalse();
    assertThat(first.whole()).isFalse();
    first.release();
    assertThat(memory.used()).isEqualTo(80);
  }

  @Test
  void whole_staysUntilReleased() {
    var first = open("a", "first");
    assertThat(first.grow(60)).isTrue();
    assertThat(first.whole()).isTrue();
    assertThat(open("b", "second").grow(60)).isFalse();
    assertThat(evicted).isEmpty();
    first.release();
    assertThat(open("b", "third").grow(60)).isTrue();
  }

  @Test
  void one_mayHaveAll_severalOfOneOwnerHalf() {
    assertThat(open("a", "large").grow(100)).isTrue();
    var first = open("b", "first");
    assertThat(first.grow(30)).isTrue();
    assertThat(evicted).containsExactly("large");
    assertThat(first.whole()).isTrue();
    assertThat(open("b", "second").grow(30)).isFalse();
    assertThat(open("c", "other").grow(50)).isTrue();
  }

  @Test
  void ownersOwn_givesWayFirst() {
    var stranger = open("x", "stranger");
    assertThat(stranger.grow(20)).isTrue();
    assertThat(open("a", "first").grow(30)).isTrue();
    assertThat(open("a", "second").grow(30)).isTrue();
    assertThat(evicted).containsExactly("first");
  }

  @Test
  void moreThanThereIs_isRefused_andNobodyGivesWay() {
    assertThat(open("a", "first").grow(50)).isTrue();
    assertThat(open("b", "second").grow(101)).isFalse();
    assertThat(evicted).isEmpty();
  }

  @Test
  void manyThreads_neverMoreThanTheBound_andNothingIsLeft() throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    AtomicLong most = new AtomicLong();
    for (int i = 0; i < 8; i++) {
      String owner = "owner" + i % 3;
      threads.execute(
          () -> {
            for (int round = 0; round < 5_000; round++) {
              var hold = memory.open(owner, () -> {});
              hold.grow(round % 40);
              hold.grow(7);
              most.accumulateAndGet(memory.used(), Math::max);
              hold.whole();
              hold.release();
            }
          });
    }
    threads.shutdown();
    assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    assertThat(most.get()).isBetween(1L, 100L);
    assertThat(memory.used()).isZero();
  }

  @Test
  void turns_whatIsLargeWaits_andNoThreadWithIt() throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    Turns turns = new Turns(32L * 20_000, threads);
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(50);
    for (int i = 0; i < 50; i++) {
      threads.execute(
          () ->
              turns.run(
                  9_000,
                  () -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    Thread.yield();
                    now.decrementAndGet();
                    done.countDown();
                  }));
    }
    assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(most.get()).isBetween(1, 2);
    threads.shutdown();
  }

  @Test
  void turns_largerThanAll_getsAllOfThem_andSmallOnesPass() {
    List<Runnable> later = new ArrayList<>();
    Turns turns = new Turns(1_000, later::add);
    List<String> order = new ArrayList<>();
    turns.run(
        5_000_000,
        () -> {
          turns.run(5_000, () -> order.add("waits"));
          turns.run(4_096, () -> order.add("small"));
          order.add("large");
        });
    later.forEach(Runnable::run);
    assertThat(order).containsExactly("small", "large", "waits");
  }

  private RequestMemory.Hold open(String owner, String name) {
    return memory.open(owner, () -> evicted.add(name));
  }
}
