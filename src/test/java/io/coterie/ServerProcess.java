package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.http.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The packaged jar, running as people run it: a process of its own, a real database file. */
public final class ServerProcess implements AutoCloseable {

  public static final Path JAR = Path.of("target/coterie.jar").toAbsolutePath();

  private static final Pattern LISTENING = Pattern.compile("Listening on http://[^ ]*:(\\d+)");
  private static final long PATIENCE_SECONDS = 60;
  private static final List<String> FLAGS = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  private final Process process;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<String> output = Collections.synchronizedList(new ArrayList<>());
  private final CompletableFuture<Integer> port = new CompletableFuture<>();
  private final Thread reader;

  private ServerProcess(Process process) {
    this.process = process;
    this.reader = new Thread(this::read, "server-output");
    reader.setDaemon(true);
    reader.start();
  }

  /** Runs the jar in {@code folder} with these arguments; does not wait for it. */
  public static ServerProcess run(Path folder, Map<String, String> environment, String... args) {
    return run(List.of(), folder, environment, args);
  }

  /**
   * As above.
   *
   * @param wrapper a command that ends by becoming the one that follows
   */
  static ServerProcess run(
      List<String> wrapper, Path folder, Map<String, String> environment, String... args) {
    return run(wrapper, FLAGS, folder, environment, args);
  }

  private static ServerProcess run(
      List<String> wrapper,
      List<String> flags,
      Path folder,
      Map<String, String> environment,
      String... args) {
    List<String> program = new ArrayList<>(List.of("-jar", JAR.toString()));
    program.addAll(List.of(args));
    return start(wrapper, flags, folder, environment, program);
  }

  /** Runs a class with that class path. */
  static ServerProcess runClass(String classPath, String main, Path folder, String... args) {
    List<String> program = new ArrayList<>(List.of("-cp", classPath, main));
    program.addAll(List.of(args));
    return start(List.of(), FLAGS, folder, Map.of(), program);
  }

  private static ServerProcess start(
      List<String> wrapper,
      List<String> flags,
      Path folder,
      Map<String, String> environment,
      List<String> program) {
    List<String> command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(program);
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder
        .environment()
        .keySet()
        .removeIf(key -> key.startsWith("COTERIE_") || key.endsWith("_API_KEY"));
    builder.environment().putAll(environment);
    try {
      return new ServerProcess(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts a server on a free port, with its data in {@code folder}, and waits until it answers.
   */
  public static ServerProcess serve(Path folder, String... settings) {
    return serveWith(FLAGS, folder, settings);
  }

  /** As {@link #serve}, with other flags for Java. */
  static ServerProcess serveWith(List<String> flags, Path folder, String... settings) {
    return listening(run(List.of(), flags, folder, Map.of(), arguments(settings)));
  }

  /** As {@link #serve}, with the flags that {@code run.sh} gives to the JVM, and more. */
  static ServerProcess serveAsRunSh(List<String> javaOptions, Path folder, String... settings) {
    List<String> flags = new ArrayList<>(runShFlags());
    flags.addAll(javaOptions);
    Map<String, String> environment = Map.of("MALLOC_ARENA_MAX", "2");
    return listening(run(List.of(), flags, folder, environment, arguments(settings)));
  }

  private static List<String> runShFlags() {
    try (Stream<String> lines = Files.lines(Path.of("run.sh"))) {
      return lines
          .filter(line -> line.startsWith("flags=\""))
          .flatMap(line -> Stream.of(line.substring("flags=\"".length()).split("[\" ]")))
          .filter(flag -> flag.startsWith("-"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String[] arguments(String... settings) {
    List<String> args = new ArrayList<>(List.of("--server.port=0"));
    for (String setting : settings) {
      args.add("--" + setting);
    }
    return args.toArray(String[]::new);
  }

  private static ServerProcess listening(ServerProcess server) {
    try {
      server.port();
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw new AssertionError("does not answer; printed: " + server.output(), e);
    }
  }

  public int port() {
    return port.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  public String url() {
    return "http://127.0.0.1:" + port();
  }

  HttpClient http() {
    return http;
  }

  /** Everything printed so far. */
  public String output() {
    return String.join("\n", List.copyOf(output));
  }

  /** What the system knows the process by. */
  public long pid() {
    return process.pid();
  }

  /** SIGTERM. */
  public void terminate() {
    process.toHandle().destroy(); // Process.destroy would close our end of its output, too
  }

  /** SIGKILL, and waits until it is gone. */
  public void kill() {
    process.toHandle().destroyForcibly();
    awaitExit();
  }

  /**
   * A figure that Linux gives about the process, such as {@code VmRSS}, in kilobytes, or threads.
   */
  long figure(String name) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
      return lines
          .filter(line -> line.startsWith(name + ":"))
          .map(line -> line.replaceAll("[^0-9]", ""))
          .mapToLong(Long::parseLong)
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean hasEnded() {
    return !process.isAlive();
  }

  /** Waits for the end; answers the exit code. */
  public int awaitExit() {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("does not end; printed: " + output());
      }
      reader.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Waits for the end, at most that long; answers whether it came. */
  public boolean awaitExit(long millis) {
    try {
      return process.waitFor(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Registers and logs in; answers the token. */
  String login(String email) {
    String body = AppFixture.object("email", email, "password", "secret").toString();
    send(null, "POST", "/register", body);
    return send(null, "POST", "/auth/login", body).path("access_token").asText();
  }

  /** A chat in a workspace of its own. */
  String chat(String token) {
    String workspace =
        send(token, "POST", "/workspace", "{}").path("workspace").path("workspace_id").asText();
    return send(token, "POST", "/chat?workspace_id=" + workspace, "")
        .path("chat")
        .path("chat_id")
        .asText();
  }

  ChatClient connect(String token, String chatId, Long since) {
    String string =
        send(token, "GET", "/chat/authorize?chat_id=" + chatId, "")
            .path("connection_string")
            .asText();
    return ChatClient.connect(http, port(), chatId, string, since);
  }

  /** The JSON that a request is answered with. */
  JsonNode send(String token, String method, String path, String body) {
    return answer(token, method, path, body).json();
  }

  /** As {@link #send}, with the status. */
  AppFixture.Answer answer(String token, String method, String path, String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url() + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    try {
      HttpResponse<String> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return new AppFixture.Answer(
          response.statusCode(), response, Json.MAPPER.readTree(response.body()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.toHandle().destroyForcibly();
    awaitExit();
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      String line;
      while ((line = lines.readLine()) != null) {
        output.add(line);
        Matcher listening = LISTENING.matcher(line);
        if (listening.find()) {
          port.complete(Integer.parseInt(listening.group(1)));
        }
      }
    } catch (IOException e) {
      output.add(e.toString());
    } finally {
      port.completeExceptionally(new AssertionError("never listened; printed: " + output()));
    }
  }
}
