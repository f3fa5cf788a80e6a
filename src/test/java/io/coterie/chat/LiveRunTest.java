package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class LiveRunTest {

  private final LiveRun run =
      new LiveRun(
          new RunRow(
              UUID.randomUUID(),
              UUID.randomUUID(),
              UUID.randomUUID(),
              UUID.randomUUID(),
              UUID.randomUUID(),
              1,
              "echo",
              "queued",
              null,
              "Hi"),
          "echo");

  @Test
  void append_ofHalfAPair_waitsForTheOtherHalf() {
    assertThat(run.append("a\ud83d")).isEqualTo("a");
    assertThat(run.append("")).isEmpty();
    assertThat(run.append("\ude00b")).isEqualTo("😀b");
    assertThat(run.text()).isEqualTo("a😀b");
  }

  @Test
  void append_ofHalvesThatNeverMeet_replacesThem() {
    assertThat(run.append("\ude00")).isEqualTo("\ufffd");
    assertThat(run.append("\ud83d")).isEmpty();
    assertThat(run.append("\ud83d")).isEqualTo("\ufffd");
    assertThat(run.append("x")).isEqualTo("\ufffdx");
  }

  @Test
  void append_ofNul_replacesIt() {
    assertThat(run.append("a\u0000b")).isEqualTo("a\ufffdb");
  }

  @Test
  void end_completed_doesNotCancel() {
    assertThat(run.end(RunStatus.COMPLETED)).isTrue();
    assertThat(run.cancellation.isCancelled()).isFalse();
    assertThat(run.end(RunStatus.CANCELLED)).isFalse();
    assertThat(run.endedAs()).isEqualTo(RunStatus.COMPLETED);
  }

  @RepeatedTest(50)
  void end_byManyAtOnce_isDecidedOnce() throws InterruptedException {
    AtomicInteger decided = new AtomicInteger();
    CountDownLatch over = new CountDownLatch(4);
    for (RunStatus status :
        new RunStatus[] {
          RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.INTERRUPTED
        }) {
      new Thread(
              () -> {
                if (run.end(status)) {
                  decided.incrementAndGet();
                }
                over.countDown();
              })
          .start();
    }
    assertThat(over.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(decided).hasValue(1);
    assertThat(run.cancellation.isCancelled()).isEqualTo(run.endedAs() != RunStatus.COMPLETED);
  }

  /** As they are saved: now and then one save fails, and is not told of. */
  @RepeatedTest(5)
  void unsaved_ofALongReply_isTheTextOnce_andCostsByItsLength() {
    Random random = new Random();
    Map<Integer, String> stored = new TreeMap<>();
    long written = 0;
    int saves = 0;
    while (run.length() < 1_000_000) {
      run.append("wörter 😀".repeat(random.nextInt(12)) + "\ud83d");
      run.append("\ude00");
      LiveRun.Piece piece = run.unsaved();
      written += piece.text().length();
      saves++;
      if (random.nextInt(10) > 0) {
        stored.put(piece.startAt(), piece.text());
        run.saved(piece);
      }
    }
    LiveRun.Piece last = run.unsaved();
    stored.put(last.startAt(), last.text());
    assertThat(String.join("", stored.values())).isEqualTo(run.text());
    assertThat(stored).hasSizeLessThanOrEqualTo(251);
    assertThat(written / saves).isLessThan(4_500);
  }
}
