package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class OutboxTest {

  /** A client's end that completes a write when the test says so, or at once. */
  private static class TestWire implements Outbox.Wire {
    final List<Long> written = Collections.synchronizedList(new ArrayList<>());
    final List<CloseReason> closes = Collections.synchronizedList(new ArrayList<>());
    final ConcurrentLinkedQueue<Runnable> underWay = new ConcurrentLinkedQueue<>();
    final AtomicInteger writing = new AtomicInteger();
    volatile boolean overlapped;
    volatile boolean atOnce;
    volatile boolean heard = true;

    @Override
    public void write(ChatEvent event, Runnable done) {
      overlapped |= writing.incrementAndGet() > 1;
      written.add(event.seq());
      Runnable completion =
          () -> {
            writing.decrementAndGet();
            done.run();
          };
      if (atOnce) {
        completion.run();
      } else {
        underWay.add(completion);
      }
    }

    @Override
    public void close(CloseReason reason) {
      closes.add(reason);
    }

    @Override
    public boolean hasHeard() {
      return heard;
    }

    void complete() {
      underWay.remove().run();
    }
  }

  private final TestWire wire = new TestWire();
  private final Outbox out = new Outbox(wire, 100);

  private static ChatEvent event(long seq) {
    return new ChatEvent("x", seq, "{\"1234567\"}");
  }

  @Test
  void offer_whileAWriteIsUnderWay_waitsForIt() {
    out.offer(event(1));
    out.offer(event(2));
    assertThat(wire.written).containsExactly(1L);
    wire.complete();
    assertThat(wire.written).containsExactly(1L, 2L);
  }

  @Test
  void offer_beyondTheBound_cutsOffAndForgetsWhatWaits() {
    List<String> ended = new ArrayList<>();
    out.whenClosed(() -> ended.add("ended"));
    for (int i = 0; i < 12; i++) {
      out.offer(event(i));
    }
    assertThat(wire.closes).containsExactly(CloseReason.TOO_SLOW);
    assertThat(ended).containsExactly("ended");
    wire.complete();
    assertThat(wire.written).containsExactly(0L);
  }

  @Test
  void offer_ofOneHugeEvent_isWritten() {
    out.offer(new ChatEvent("x", 1, "x".repeat(10_000)));
    out.offer(new ChatEvent("x", 2, "x".repeat(10_000)));
    assertThat(wire.closes).isEmpty();
  }

  @Test
  void force_beyondTheBound_isKept() {
    for (int i = 0; i < 100; i++) {
      out.force(event(i));
    }
    assertThat(wire.closes).isEmpty();
    for (int i = 0; i < 100; i++) {
      wire.complete();
    }
    assertThat(wire.written).hasSize(100);
  }

  @Test
  void close_writesWhatWaitsFirst_andNothingAfterwards() {
    out.offer(event(1));
    out.offer(event(2));
    out.close(CloseReason.DONE);
    out.offer(event(3));
    assertThat(wire.closes).isEmpty();
    wire.complete();
    wire.complete();
    assertThat(wire.written).containsExactly(1L, 2L);
    assertThat(wire.closes).containsExactly(CloseReason.DONE);
  }

  @Test
  void close_twice_countsOnce() {
    out.close(CloseReason.STOPPING);
    out.close(CloseReason.CHAT_GONE);
    out.abort(CloseReason.TOO_SLOW);
    assertThat(wire.closes).containsExactly(CloseReason.STOPPING);
  }

  @Test
  void disconnected_tellsTheClientNothing_andRunsActionsOnce() {
    List<String> ended = new ArrayList<>();
    out.whenClosed(() -> ended.add("before"));
    out.offer(event(1));
    out.disconnected();
    out.disconnected();
    out.whenClosed(() -> ended.add("after"));
    assertThat(wire.closes).isEmpty();
    assertThat(ended).containsExactly("before", "after");
  }

  @Test
  void keepAlive_onABusyConnection_addsNothing() {
    out.offer(event(1));
    out.keepAlive();
    wire.complete();
    assertThat(wire.written).containsExactly(1L);
    out.keepAlive();
    assertThat(wire.written).containsExactly(1L, 0L);
  }

  @Test
  void keepAlive_ofAClientThatIsSilentFourTimes_endsTheConnection() {
    wire.atOnce = true;
    wire.heard = false;
    for (int i = 0; i < 4; i++) {
      out.keepAlive();
      assertThat(wire.closes).isEmpty();
    }
    out.keepAlive();
    assertThat(wire.closes).containsExactly(CloseReason.SILENT);
    assertThat(wire.written).hasSize(4);
  }

  @Test
  void keepAlive_ofAClientThatIsHeardNowAndThen_goesOn() {
    wire.atOnce = true;
    for (int i = 0; i < 100; i++) {
      wire.heard = i % 4 == 0;
      out.keepAlive();
    }
    assertThat(wire.closes).isEmpty();
    assertThat(wire.written).hasSize(100);
  }

  @Test
  void keepAlive_whileMuchIsWritten_doesNotCountAsSilence() {
    wire.heard = false;
    out.offer(event(1));
    for (int i = 0; i < 100; i++) {
      out.keepAlive();
    }
    assertThat(wire.closes).isEmpty();
  }

  @Test
  void whenDrained_runsAfterTheLastWrite_once() {
    List<String> drained = new ArrayList<>();
    out.force(event(1));
    out.whenDrained(() -> drained.add("drained"));
    assertThat(drained).isEmpty();
    wire.complete();
    assertThat(drained).containsExactly("drained");
    out.force(event(2));
    wire.complete();
    assertThat(drained).containsExactly("drained");
  }

  @Test
  void whenDrained_thatAsksForItselfForEver_doesNotRecurse() {
    wire.atOnce = true;
    AtomicInteger pages = new AtomicInteger();
    page(pages, 100_000);
    assertThat(pages).hasValue(100_000);
    assertThat(wire.written).hasSize(100_000);
  }

  private void page(AtomicInteger pages, int count) {
    out.force(event(pages.incrementAndGet()));
    if (pages.get() < count) {
      out.whenDrained(() -> page(pages, count));
    }
  }

  @Test
  void whenDrained_thatThrows_endsTheConnection() {
    List<String> ended = new ArrayList<>();
    out.whenClosed(() -> ended.add("ended"));
    out.whenDrained(
        () -> {
          throw new IllegalStateException("the database is closed");
        });
    assertThat(wire.closes).containsExactly(CloseReason.FAILED);
    assertThat(ended).containsExactly("ended");
  }

  @Test
  void write_thatThrows_endsTheConnectionAndReachesNoPublisher() {
    Outbox.Wire broken =
        new TestWire() {
          @Override
          public void write(ChatEvent event, Runnable done) {
            throw new IllegalStateException("closed");
          }

          @Override
          public void close(CloseReason reason) {
            throw new IllegalStateException("closed");
          }
        };
    Outbox outbox = new Outbox(broken, 100);
    List<String> ended = new ArrayList<>();
    outbox.whenClosed(() -> ended.add("ended"));
    outbox.offer(event(1));
    assertThat(ended).containsExactly("ended");
  }

  @RepeatedTest(50)
  void offers_byManyThreads_areWrittenOneAtATime_eachOnce_eachThreadsInOrder() throws Exception {
    Outbox big = new Outbox(wire, Long.MAX_VALUE);
    int threads = 4;
    int each = 500;
    CountDownLatch offered = new CountDownLatch(threads);
    for (int t = 0; t < threads; t++) {
      int from = t * each;
      start(
          () -> {
            for (int i = 0; i < each; i++) {
              big.offer(event(from + i));
            }
            offered.countDown();
          });
    }
    for (int done = 0; done < threads * each; ) {
      Runnable completion = wire.underWay.poll();
      if (completion != null) {
        completion.run();
        done++;
      } else {
        Thread.onSpinWait();
      }
    }
    assertThat(offered.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(wire.overlapped).isFalse();
    assertThat(wire.written).hasSize(threads * each).doesNotHaveDuplicates();
    for (int t = 0; t < threads; t++) {
      int from = t * each;
      assertThat(wire.written.stream().filter(seq -> seq >= from && seq < from + each).toList())
          .isEqualTo(IntStream.range(from, from + each).mapToObj(i -> (long) i).toList());
    }
  }

  @RepeatedTest(50)
  void close_besideOffers_closesOnceAndEndsOnce() throws Exception {
    wire.atOnce = true;
    AtomicInteger ended = new AtomicInteger();
    out.whenClosed(ended::incrementAndGet);
    CountDownLatch over = new CountDownLatch(3);
    start(
        () -> {
          IntStream.range(0, 200).forEach(i -> out.offer(event(i)));
          over.countDown();
        });
    start(
        () -> {
          out.close(CloseReason.CHAT_GONE);
          over.countDown();
        });
    start(
        () -> {
          out.close(CloseReason.STOPPING);
          over.countDown();
        });
    assertThat(over.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(wire.closes).hasSize(1);
    assertThat(ended).hasValue(1);
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work);
    thread.setDaemon(true);
    thread.start();
  }
}
