package io.coterie.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies of a database that is written to at full speed, and cleaned up, all the while. */
class CopyTest {

  private static final int WRITERS = 4;
  private static final int COPIES = Integer.getInteger("copies", 4);

  /** How many rows are written between two parts of a copy. */
  private static final int MEANWHILE = 30;

  @TempDir Path folder;

  private final AtomicBoolean ended = new AtomicBoolean();

  @Test
  void copyTo_duringWritesAndCleaning_holdsAllThatWasToldAndNothingByHalf() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 1);
    List<Future<?>> work = new ArrayList<>();
    try (Database database = Database.open("jdbc:h2:" + folder.resolve("db"), false)) {
      Ledger ledger = new Ledger(database, WRITERS);
      for (int i = 0; i < WRITERS; i++) {
        int writer = i;
        work.add(threads.submit(() -> repeat(() -> ledger.add(writer))));
      }
      work.add(threads.submit(() -> repeat(database::tidy)));
      for (int copy = 0; copy < COPIES; copy++) {
        awaitRows(ledger, 100);
        List<Long> told = ledger.told();
        Path file = folder.resolve("copy" + copy + ".mv.db");
        try (OutputStream out = new Slow(Files.newOutputStream(file), ledger)) {
          database.copyTo(out);
        }
        String url = "jdbc:h2:" + folder.resolve("copy" + copy);
        assertThat(Ledger.mistakes(url, told)).as("copy %d", copy).isEmpty();
      }
      ended.set(true);
      for (Future<?> each : work) {
        each.get();
      }
    } finally {
      ended.set(true);
      threads.shutdownNow();
    }
    assertThat(Ledger.mistakes("jdbc:h2:" + folder.resolve("db"), List.of(1L, 1L, 1L, 1L)))
        .isEmpty();
  }

  private void repeat(Runnable work) {
    while (!ended.get()) {
      work.run();
    }
  }

  private static void awaitRows(Ledger ledger, long more) {
    long until = sum(ledger) + more;
    while (sum(ledger) < until) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static long sum(Ledger ledger) {
    return ledger.told().stream().mapToLong(Long::longValue).sum();
  }

  /** Takes the next part only after much more has been written to the database. */
  private static final class Slow extends OutputStream {
    private final OutputStream to;
    private final Ledger ledger;

    Slow(OutputStream to, Ledger ledger) {
      this.to = to;
      this.ledger = ledger;
    }

    @Override
    public void write(int b) throws IOException {
      to.write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      to.write(bytes, from, length);
      awaitRows(ledger, MEANWHILE);
    }

    @Override
    public void close() throws IOException {
      to.close();
    }
  }
}
