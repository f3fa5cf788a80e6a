package io.coterie;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of the process: told to end by SIGTERM or Ctrl-C it closes the server, also one that is
 * just starting, and its exit status is 0. Thread-safe.
 */
final class Ending {

  private static final Logger log = LoggerFactory.getLogger(Ending.class);

  /** How long a start that is under way may take to come to its end. */
  private static final long PATIENCE_SECONDS = 60;

  private final CountDownLatch startEnded = new CountDownLatch(1);
  private volatile App app;

  private Ending() {}

  /** To be called before anything is started. */
  static Ending prepare() {
    Ending ending = new Ending();
    Runtime.getRuntime().addShutdownHook(new Thread(ending::close, "stop"));
    exitOn("TERM");
    exitOn("INT");
    return ending;
  }

  /** By itself the JVM ends in the same way, with a status that looks like a failure. */
  @SuppressWarnings("sunapi") // Nothing else in Java tells of signals.
  private static void exitOn(String name) {
    try {
      sun.misc.Signal.handle(new sun.misc.Signal(name), signal -> System.exit(0));
    } catch (IllegalArgumentException e) {
      log.debug("no handler for {}: the JVM or the system has its own", name);
    }
  }

  /** The server runs. */
  void started(App server) {
    app = server;
    startEnded.countDown();
  }

  /** There is none; ends the process, unless it was told to end before. */
  void failed(int status) {
    startEnded.countDown();
    System.exit(status);
  }

  /** As {@link #failed(int)}, for what nobody foresaw. */
  void failed(int status, Throwable reason) {
    log.error("The start failed", reason);
    failed(status);
  }

  private void close() {
    try {
      if (!startEnded.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        log.warn("The start did not come to its end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    App running = app;
    if (running != null) {
      running.close();
    }
  }
}
