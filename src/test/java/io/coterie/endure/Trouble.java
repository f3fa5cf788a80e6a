package io.coterie.endure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends the server and starts it again, cuts connections, and looks at what the process uses. One
 * thread.
 */
final class Trouble {

  private final Stage stage;
  private final Random random;
  private long maxRss;
  private long maxThreads;
  private long maxFile;

  Trouble(Stage stage, long seed) {
    this.stage = stage;
    this.random = new Random(seed);
  }

  /** Goes on for that long; a server is running at the end. */
  void goOn(long minutes) throws IOException {
    long begun = System.nanoTime();
    long end = begun + TimeUnit.MINUTES.toNanos(minutes);
    long nextEnd = begun + between(20, 60);
    long nextCut = begun;
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
      long now = System.nanoTime();
      stage.server().replaceIfDead();
      sample();
      if (now > nextCut) {
        stage.proxy().cutSome(random, 0.3);
        nextCut = now + between(2, 8);
      }
      if (now > nextEnd) {
        endAndStart();
        nextEnd = System.nanoTime() + between(30, 90);
      }
    }
    stage.figures().value("most that was in use", maxRss + " MB, " + maxThreads + " threads");
    stage.figures().value("largest database file in MB", maxFile >> 20);
  }

  private void endAndStart() {
    if (random.nextInt(3) == 0) {
      stage.server().terminate();
    } else {
      stage.server().kill();
    }
    if (random.nextInt(3) == 0) {
      stage.server().startAndKill(random.nextInt(2_000));
    }
    stage.server().start();
  }

  private void sample() throws IOException {
    ProcessUse use = ProcessUse.of(stage.server().await().process.pid());
    maxRss = Math.max(maxRss, use.rssMb());
    maxThreads = Math.max(maxThreads, use.threads());
    Path file = stage.server().dataDir().resolve("coterie.mv.db");
    if (Files.exists(file)) {
      maxFile = Math.max(maxFile, Files.size(file));
    }
  }

  private long between(int least, int most) {
    return TimeUnit.SECONDS.toNanos(least + random.nextInt(most - least + 1));
  }
}
