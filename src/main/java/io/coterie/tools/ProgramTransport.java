package io.coterie.tools;

import io.coterie.net.LineSplitter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages over the standard streams of a program, one a line, as the stdio transport of the Model
 * Context Protocol has it. Three daemon threads belong to it: none who asks is held up by a program
 * that does not read, and none that floods its error stream is held up by us. Thread-safe.
 */
final class ProgramTransport extends ToolTransport {

  private record Outgoing(byte[] json, Pending pending) {}

  private static final Logger log = LoggerFactory.getLogger(ProgramTransport.class);
  private static final Outgoing NO_MORE = new Outgoing(new byte[0], null);

  /** The most bytes that wait for a program to read them. */
  private static final long MAX_WAITING = 20L * 1024 * 1024;

  private static final int MAX_LOG_LINES = 100;
  private static final int MAX_LOG_LINE = 500;
  private static final long SECONDS_TO_BE_READ = 1;

  private final Program program;
  private final String who;
  private final BlockingQueue<Outgoing> outgoing = new LinkedBlockingQueue<>();
  private final AtomicLong waiting = new AtomicLong();
  private final AtomicInteger logged = new AtomicInteger();

  private ProgramTransport(Program program, String who) {
    this.program = program;
    this.who = who;
  }

  static ProgramTransport start(List<String> command, Path folder, String who) throws ToolFailure {
    ProgramTransport transport = new ProgramTransport(Program.start(command, folder, who), who);
    transport.thread("reader", transport::read);
    transport.thread("writer", transport::write);
    transport.thread("errors", transport::readErrors);
    // Somebody whom the program has started may keep its output open.
    var unused = transport.program.onExit().thenRun(transport::exited);
    return transport;
  }

  private void thread(String name, Runnable work) {
    Thread thread = new Thread(work, "tool-program-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  void send(byte[] json, Pending pending) {
    if (!add(new Outgoing(json, pending))) {
      fail(pending, ToolFailure.of(who + " does not read what it is sent."));
    }
  }

  @Override
  CompletableFuture<Void> sendAside(byte[] json) {
    add(new Outgoing(json, new Pending()));
    return CompletableFuture.completedFuture(null);
  }

  private boolean add(Outgoing message) {
    if (waiting.addAndGet(message.json.length) > MAX_WAITING) {
      waiting.addAndGet(-message.json.length);
      return false;
    }
    return outgoing.add(message);
  }

  private void write() {
    OutputStream in = program.input();
    try (in) {
      for (Outgoing next = outgoing.take(); next != NO_MORE; next = outgoing.take()) {
        waiting.addAndGet(-next.json.length);
        if (!next.pending.answer().isDone()) {
          write(in, next);
        }
      }
    } catch (IOException e) {
      died(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write(OutputStream in, Outgoing next) throws IOException {
    Pending pending = next.pending;
    pending.stage(Pending.Stage.LEAVING);
    try {
      in.write(next.json);
      in.write('\n');
      in.flush();
      pending.stage(Pending.Stage.SENT);
    } catch (IOException e) {
      // The end of the line was not taken, so it was not read as one.
      pending.stage(Pending.Stage.WAITING);
      throw e;
    } finally {
      failIfOver(pending);
    }
  }

  private void read() {
    LineSplitter lines = LineSplitter.strict(MAX_MESSAGE, LineSplitter.Ends.FEED, this::readLine);
    try {
      if (lines.readAll(program.output())) {
        died(null);
      } else {
        end(ToolFailure.of(who + " sent a message that is too long."));
      }
    } catch (IOException e) {
      died(e);
    } finally {
      stop();
    }
  }

  private void readLine(String line) {
    if (!line.isBlank() && (line.charAt(0) != '{' || !received(line))) {
      log("wrote", line);
    }
  }

  private void readErrors() {
    LineSplitter lines =
        LineSplitter.cutting(
            MAX_LOG_LINE,
            LineSplitter.Ends.FEED,
            line -> {
              if (!line.isBlank()) {
                log("says", line);
              }
            });
    try {
      lines.readAll(program.errors());
    } catch (IOException e) {
      log.debug("{} cannot be listened to", who, e);
    }
  }

  private void log(String verb, String line) {
    int count = logged.incrementAndGet();
    if (count <= MAX_LOG_LINES) {
      log.info("{} {}: {}", who, verb, Labels.of(line, MAX_LOG_LINE));
    } else if (count == MAX_LOG_LINES + 1) {
      log.info("{} goes on, which is no longer logged", who);
    }
  }

  private void exited() {
    CompletableFuture.delayedExecutor(SECONDS_TO_BE_READ, TimeUnit.SECONDS)
        .execute(() -> died(null));
  }

  private void died(IOException cause) {
    end(ToolFailure.untouched(who + " has ended.", cause));
    outgoing.add(NO_MORE);
  }

  @Override
  void agreed(String version) {
    // Messages look the same in every version.
  }

  @Override
  void ready(boolean changes) {
    // Changes are told without being asked for.
  }

  @Override
  void listen() {
    // The one stream carries everything.
  }

  @Override
  void stop(Duration patience) {
    end(ToolFailure.untouched(who + " was stopped.", null));
    outgoing.add(NO_MORE);
    program.stop(patience);
  }
}
