package io.coterie.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coterie.Await;
import io.coterie.model.Gate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class GroupSyncTest {

  @RepeatedTest(50)
  void await_byManyThreads_returnsOnlyAfterASyncThatBeganAfterTheCall() {
    AtomicLong written = new AtomicLong();
    AtomicLong onDisk = new AtomicLong();
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger mistakes = new AtomicInteger();
    AtomicInteger syncs = new AtomicInteger();
    GroupSync sync =
        new GroupSync(
            () -> {
              if (atOnce.incrementAndGet() > 1) {
                mistakes.incrementAndGet();
              }
              long upTo = written.get();
              Thread.onSpinWait();
              onDisk.set(upTo);
              syncs.incrementAndGet();
              atOnce.decrementAndGet();
            });
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      all.add(
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 200; i++) {
                  long mine = written.incrementAndGet();
                  sync.await();
                  if (onDisk.get() < mine) {
                    mistakes.incrementAndGet();
                  }
                }
              },
              work -> new Thread(work).start()));
    }
    all.forEach(done -> done.orTimeout(20, TimeUnit.SECONDS).join());
    assertThat(mistakes).hasValue(0);
    assertThat(syncs.get()).isBetween(1, 800);
  }

  @Test
  void await_duringASync_sharesTheNextOne() {
    Gate begun = new Gate();
    Gate gate = new Gate();
    AtomicInteger syncs = new AtomicInteger();
    GroupSync sync =
        new GroupSync(
            () -> {
              if (syncs.incrementAndGet() == 1) {
                begun.open();
                gate.await();
              }
            });
    List<CompletableFuture<Void>> all = new ArrayList<>();
    all.add(CompletableFuture.runAsync(sync::await, work -> new Thread(work).start()));
    begun.await();
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(
          CompletableFuture.runAsync(
              sync::await,
              work -> {
                Thread thread = new Thread(work);
                waiting.add(thread);
                thread.start();
              }));
    }
    Await.until(
        () -> waiting.stream().allMatch(t -> t.getState() == Thread.State.WAITING),
        () -> "five that wait");
    gate.open();
    all.forEach(done -> done.orTimeout(20, TimeUnit.SECONDS).join());
    assertThat(syncs).hasValue(2);
  }

  @Test
  void await_whenTheSyncFails_throwsAndTheNextTriesAgain() {
    AtomicInteger syncs = new AtomicInteger();
    GroupSync sync =
        new GroupSync(
            () -> {
              if (syncs.incrementAndGet() == 1) {
                throw new IllegalStateException("disk full");
              }
            });
    assertThatThrownBy(sync::await).hasMessage("disk full");
    sync.await();
    assertThat(syncs).hasValue(2);
  }
}
