package io.coterie.endure;

import io.coterie.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The packaged jar on one data folder, process after process: each is a {@link Life}. Thread-safe;
 * one thread at a time ends and begins lives.
 */
final class EnduringServer implements AutoCloseable {

  /** The flags of run.sh, in a heap that is small. */
  static final Map<String, String> ENVIRONMENT =
      Map.of(
          "JDK_JAVA_OPTIONS",
          "-Xmx128m -Xms24m -Xss512k -XX:MinHeapFreeRatio=40 -XX:MaxHeapFreeRatio=60"
              + " -XX:+ExitOnOutOfMemoryError");

  private static final long PATIENCE_SECONDS = 120;

  /** One process, up to its end. */
  static final class Life {
    final int number;
    final ServerProcess process;
    private volatile boolean doomed;

    private Life(int number, ServerProcess process) {
      this.number = number;
      this.process = process;
    }

    int port() {
      return process.port();
    }

    /** Whether its end has been decided on, so that answers may fail to come. */
    boolean isDoomed() {
      return doomed;
    }
  }

  private final Path folder;
  private final List<String> arguments;
  private final Findings findings;
  private final Figures figures;
  private Life life;
  private int lives;
  private volatile boolean over;

  EnduringServer(Path folder, List<String> settings, Findings findings, Figures figures) {
    this.folder = folder;
    this.arguments =
        Stream.concat(Stream.of("server.port=0"), settings.stream()).map(s -> "--" + s).toList();
    this.findings = findings;
    this.figures = figures;
  }

  Path dataDir() {
    return folder.resolve("data");
  }

  /** The present life; waits for it where there is none. */
  synchronized Life await() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (life == null || life.doomed) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (over || left <= 0) {
        throw new CutOffException("no server");
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CutOffException("interrupted", e);
      }
    }
    return life;
  }

  /** The port of the present life; one where nobody listens where there is none. */
  synchronized int portOrNone() {
    return life == null ? 1 : life.port();
  }

  /** Starts it and waits until it listens. */
  void start() {
    long begun = System.nanoTime();
    ServerProcess process = begin();
    Life next = new Life(++lives, process);
    try {
      process.port();
    } catch (RuntimeException e) {
      findings.add("does not start", process.output());
      throw e;
    }
    figures.latency("start to listening").add(System.nanoTime() - begun);
    synchronized (this) {
      life = next;
      notifyAll();
    }
  }

  /** Begins to start it, and kills it after so long. */
  void startAndKill(long afterMillis) {
    ServerProcess starting = begin();
    try {
      var unused = starting.awaitExit(afterMillis);
    } finally {
      starting.kill();
    }
    figures.count("kills while starting");
    scan("a start that was killed", starting);
  }

  /** SIGKILL. */
  void kill() {
    Life last = doom();
    last.process.kill();
    figures.count("kills");
    end(last);
  }

  /** SIGTERM; answers when the process has ended. */
  void terminate() {
    Life last = doom();
    long begun = System.nanoTime();
    last.process.terminate();
    int status = last.process.awaitExit();
    figures.latency("SIGTERM to the end").add(System.nanoTime() - begun);
    figures.count("terminations");
    findings.check(status == 0, "exit status after SIGTERM", "status " + status);
    end(last);
  }

  /** Notes and replaces a process that ended by itself; answers whether it had to. */
  boolean replaceIfDead() {
    Life last;
    synchronized (this) {
      last = life;
    }
    if (last == null || last.doomed || !last.process.hasEnded()) {
      return false;
    }
    last = doom();
    int status = last.process.awaitExit();
    findings.add("the server ended by itself", "exit status " + status + "\n" + last(last.process));
    end(last);
    start();
    return true;
  }

  /** Nobody waits for a life any more. */
  synchronized void giveUp() {
    over = true;
    notifyAll();
  }

  @Override
  public void close() {
    giveUp();
    if (life != null) {
      life.process.close();
    }
  }

  private ServerProcess begin() {
    return ServerProcess.run(folder, ENVIRONMENT, arguments.toArray(String[]::new));
  }

  private synchronized Life doom() {
    life.doomed = true;
    return life;
  }

  private void end(Life last) {
    scan("life " + last.number, last.process);
    synchronized (this) {
      life = null;
    }
  }

  private void scan(String name, ServerProcess process) {
    String output = process.output();
    new ServerLog(output.lines().toList()).scan(name, findings, figures);
    Path file = Path.of("target/endure", name.replace(' ', '-') + ".log");
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String last(ServerProcess process) {
    List<String> lines = process.output().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
  }
}
