package io.coterie.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.Await;
import io.coterie.model.Gate;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Threads that are interrupted while they use the database: what they do is done, for everybody.
 */
class InterruptTest {

  @TempDir Path folder;

  @Test
  void sync_waiterIsInterrupted_waitsOnAndIsStillInterruptedThen() {
    Gate disk = new Gate();
    Gate begun = new Gate();
    GroupSync sync =
        new GroupSync(
            () -> {
              begun.open();
              disk.await();
            });
    Thread leader = new Thread(sync::await);
    leader.start();
    begun.await();
    AtomicBoolean interrupted = new AtomicBoolean();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread waiter =
        new Thread(
            () -> {
              try {
                sync.await();
                interrupted.set(Thread.currentThread().isInterrupted());
              } catch (Throwable e) {
                failure.set(e);
              }
            });
    waiter.start();
    Await.until(() -> waiter.getState() == Thread.State.WAITING, () -> "" + waiter.getState());
    waiter.interrupt();
    Await.until(
        () -> waiter.getState() == Thread.State.WAITING && !waiter.isInterrupted(),
        () -> "" + waiter.getState());
    disk.open();
    join(leader);
    join(waiter);
    assertThat(failure).hasNullValue();
    assertThat(interrupted).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void transactionsAndReads_ofThreadsThatAreInterruptedAllTheTime_areAllDone(boolean sync) {
    String url = "jdbc:h2:" + folder.resolve("db");
    int rows = 200;
    try (Database database = Database.open(url, sync)) {
      Ledger ledger = new Ledger(database, 2);
      AtomicReference<Throwable> failure = new AtomicReference<>();
      List<Thread> writers =
          List.of(writer(ledger, 0, rows, failure), writer(ledger, 1, rows, failure));
      writers.forEach(Thread::start);
      while (writers.stream().anyMatch(Thread::isAlive)) {
        writers.forEach(Thread::interrupt);
        Thread.onSpinWait();
      }
      assertThat(failure).hasNullValue();
      assertThat(ledger.told()).containsExactly((long) rows, (long) rows);
    }
    assertThat(Ledger.mistakes(url, List.of((long) rows, (long) rows))).isEmpty();
  }

  private static Thread writer(
      Ledger ledger, int number, int rows, AtomicReference<Throwable> failure) {
    return new Thread(
        () -> {
          try {
            for (int row = 0; row < rows; row++) {
              ledger.add(number);
            }
          } catch (Throwable e) {
            failure.set(e);
          }
        });
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
