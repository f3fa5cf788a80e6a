package io.coterie.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AllAtOnce;
import io.coterie.storage.VolatileDisk.Loss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code database.sync} promises: a transaction that has returned survives a power loss. */
class PowerLossTest {

  private static final int WRITERS = 8;
  private static final int LOSSES = Integer.getInteger("power.losses", 8);
  private static final List<Loss> WAYS =
      List.of(Loss.ALL, Loss.LATEST, Loss.LATEST, Loss.ANY, Loss.ANY, Loss.ANY);

  @TempDir Path folder;

  @BeforeAll
  static void register() {
    UnsyncedFilePath.register();
  }

  @Test
  void powerLoss_sync_losesNothingThatWasTold() throws Exception {
    assertThat(mistakesAfterPowerLosses(true)).isEmpty();
  }

  @Test
  void powerLoss_noSync_losesSome() throws Exception {
    assertThat(mistakesAfterPowerLosses(false)).isNotEmpty();
  }

  @Test
  void transactions_atOnce_shareForces() throws Exception {
    VolatileDisk disk = UnsyncedFilePath.disk("unsynced:" + folder.resolve("db.mv.db"));
    try (Database database = Database.open("jdbc:h2:unsynced:" + folder.resolve("db"), true)) {
      Ledger ledger = new Ledger(database, WRITERS);
      int before = disk.forces();
      ledger.add(0);
      int alone = disk.forces() - before;
      assertThat(alone).isPositive();
      disk.forceTakes(Duration.ofMillis(1));
      before = disk.forces();
      List<Callable<Long>> calls = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        int writer = i;
        calls.add(
            () -> {
              long last = 0;
              for (int n = 0; n < 20; n++) {
                last = ledger.add(writer);
              }
              return last;
            });
      }
      AllAtOnce.call(calls);
      assertThat(disk.forces() - before).isBetween(1, WRITERS * 20 * alone * 3 / 4);
    }
  }

  private record Lost(String name, String url, List<Long> told) {}

  /** Lets writers write, and the power fail again and again; answers what was wrong then. */
  private List<String> mistakesAfterPowerLosses(boolean sync) throws Exception {
    long seed = Long.getLong("power.seed", System.nanoTime());
    Random random = new Random(seed);
    String url = "unsynced:" + folder.resolve("db");
    VolatileDisk disk = UnsyncedFilePath.disk(url + ".mv.db");
    AtomicBoolean stop = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
    List<Lost> lost = new ArrayList<>();
    try (Database database = Database.open("jdbc:h2:" + url, sync)) {
      Ledger ledger = new Ledger(database, WRITERS);
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        int writer = i;
        writers.add(
            threads.submit(
                () -> {
                  while (!stop.get()) {
                    ledger.add(writer);
                  }
                }));
      }
      for (int i = 0; i < LOSSES; i++) {
        LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(50_000)));
        List<Long> told = ledger.told();
        List<byte[]> images = disk.afterPowerLoss(WAYS, random);
        for (int way = 0; way < images.size(); way++) {
          String name = "seed %d, loss %d, %d %s".formatted(seed, i, way, WAYS.get(way));
          lost.add(new Lost(name, write(images.get(way), i + "-" + way), told));
        }
      }
      stop.set(true);
      for (Future<?> writer : writers) {
        writer.get(20, TimeUnit.SECONDS);
      }
    } finally {
      stop.set(true);
      threads.shutdown();
    }
    List<String> mistakes = new ArrayList<>();
    for (Lost loss : lost) {
      for (String mistake : Ledger.mistakes(loss.url(), loss.told())) {
        mistakes.add(loss.name() + ": " + mistake);
      }
    }
    return mistakes;
  }

  private String write(byte[] image, String name) throws IOException {
    Files.write(folder.resolve(name + ".mv.db"), image);
    return "jdbc:h2:" + folder.resolve(name);
  }
}
