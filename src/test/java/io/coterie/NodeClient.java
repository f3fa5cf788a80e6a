package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The npm client of Socket.IO in a process of its own: {@code src/test/node/client.mjs}. It keeps
 * what the client says and lets a test wait for more.
 */
final class NodeClient implements AutoCloseable {

  private static final Path MODULES = Path.of("target/node").toAbsolutePath();
  private static final Path SCRIPT = Path.of("src/test/node/client.mjs").toAbsolutePath();
  private static final long PATIENCE_SECONDS = 30;

  private final Process process;
  private final Writer commands;
  private final Thread reader;
  private final List<JsonNode> said = new ArrayList<>();
  private final List<String> noise = new ArrayList<>();

  private NodeClient(Process process) {
    this.process = process;
    this.commands = process.outputWriter(StandardCharsets.UTF_8);
    this.reader = new Thread(this::read, "node-output");
    reader.setDaemon(true);
    reader.start();
  }

  /** Why it cannot be run here; null where it can. */
  static String missing() {
    if (!Files.isDirectory(MODULES.resolve("node_modules/socket.io-client"))) {
      return "target/node/node_modules is missing: .ci/run installs it";
    }
    try {
      Process version = new ProcessBuilder("node", "--version").redirectErrorStream(true).start();
      version.getInputStream().readAllBytes();
      return version.waitFor() == 0 ? null : "node does not run";
    } catch (IOException e) {
      return "there is no node";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Begins to connect; {@code options} are those of the client's {@code io()}. */
  static NodeClient connect(int port, String namespace, ObjectNode options) {
    ProcessBuilder builder =
        new ProcessBuilder(
                "node",
                SCRIPT.toString(),
                MODULES.toString(),
                "http://127.0.0.1:" + port,
                namespace,
                options.toString())
            .redirectErrorStream(true);
    try {
      return new NodeClient(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Has the client do something. */
  void tell(String command, JsonNode value) {
    ObjectNode line = Json.MAPPER.createObjectNode().put("command", command);
    line.set("value", value);
    try {
      commands.write(line + "\n");
      commands.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Has the client emit an event with one argument. */
  void emit(String event, JsonNode argument) {
    tell("emit", event(event, argument));
  }

  /** As {@link #emit}; answers what it is acknowledged with. */
  JsonNode emitAndAwait(String event, JsonNode argument) {
    tell("emitAck", event(event, argument));
    return await("ack").path(0);
  }

  /** Waits until it says that; answers the value. */
  JsonNode await(String what) {
    return await(what, value -> true);
  }

  /** Waits until it says that with such a value; answers the first. */
  JsonNode await(String what, Predicate<JsonNode> wanted) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    synchronized (said) {
      while (true) {
        for (JsonNode line : said) {
          if (line.path("what").asText().equals(what) && wanted.test(line.path("value"))) {
            return line.path("value");
          }
        }
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          throw new AssertionError(what + " never came; there is: " + said + " " + noise);
        }
        try {
          said.wait(left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException(e);
        }
      }
    }
  }

  /** Waits for the run to end; answers the event. */
  JsonNode awaitRun(String status) {
    return await(
        "event",
        event ->
            event.path(0).asText().equals("run")
                && event.path(1).path("status").asText().equals(status));
  }

  /** All values that were said with that word. */
  List<JsonNode> all(String what) {
    synchronized (said) {
      return said.stream()
          .filter(line -> line.path("what").asText().equals(what))
          .map(line -> line.path("value"))
          .toList();
    }
  }

  /** Forgets what was said. */
  void forget() {
    synchronized (said) {
      said.clear();
    }
  }

  @Override
  public void close() {
    try {
      commands.close();
    } catch (IOException e) {
      // It has ended by itself.
    }
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      reader.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static ArrayNode event(String name, JsonNode argument) {
    return Json.MAPPER.createArrayNode().add(name).add(argument);
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode json = Json.readObject(line).orElse(null);
        synchronized (said) {
          if (json == null) {
            noise.add(line);
          } else {
            said.add(json);
          }
          said.notifyAll();
        }
      }
    } catch (IOException e) {
      // The process was ended.
    }
  }
}
