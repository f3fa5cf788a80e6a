package io.coterie.endure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Asks for a backup every now and then, also while the server is about to be killed. */
final class BackupKeeper {

  private static final int KEPT = 2;

  private final Stage stage;
  private final Random random;
  private final Thread thread = new Thread(this::run, "backups");
  private volatile boolean over;

  BackupKeeper(Stage stage, long seed) {
    this.stage = stage;
    this.random = new Random(seed);
    thread.setDaemon(true);
    thread.start();
  }

  void end() {
    over = true;
  }

  private void run() {
    long next = System.nanoTime();
    while (!over) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
      if (System.nanoTime() > next) {
        try {
          backup();
        } catch (CutOffException e) {
          // Noted already where it is not explained.
        } catch (IOException e) {
          stage.findings().add("unforeseen: backups", e.toString());
        }
        next = System.nanoTime() + TimeUnit.SECONDS.toNanos(15 + random.nextInt(30));
      }
    }
  }

  private void backup() throws IOException {
    long begun = System.nanoTime();
    Reply reply =
        stage.api().call(stage.users().get(0), null, "POST", "/admin/backup", null, 200, 409);
    if (reply.status() == 200) {
      stage.figures().latency("backup").add(System.nanoTime() - begun);
      stage
          .findings()
          .check(reply.json().path("bytes").asLong() > 0, "an empty backup", reply.text());
    }
    try (Stream<Path> files = Files.list(stage.server().dataDir().resolve("backups"))) {
      List<Path> all = files.sorted().toList();
      for (Path old : all.subList(0, Math.max(0, all.size() - KEPT))) {
        Files.deleteIfExists(old);
      }
    }
  }
}
