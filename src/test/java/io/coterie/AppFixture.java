package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.config.Config;
import io.coterie.http.Json;
import io.coterie.model.Models;
import io.coterie.model.Provider;
import io.coterie.model.ScriptedModel;
import io.coterie.model.ScriptedProvider;
import io.coterie.socketio.SocketIoServer;
import io.coterie.storage.RunningDatabase;
import io.restassured.RestAssured;
import io.restassured.config.EncoderConfig;
import io.restassured.response.Response;
import io.restassured.specification.FilterableRequestSpecification;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The real server on a free port, with a database in memory, a clock that stands still and, where a
 * test gives one, a scripted model; and short ways to do over HTTP what most tests begin with. Each
 * answer that comes through it must be as the OpenAPI document says.
 */
public final class AppFixture implements AutoCloseable {

  /** A user who is logged in. */
  public record Login(String userId, String email, String token) {}

  /** An answer, its body read as JSON where it is any. */
  public record Answer(int status, HttpResponse<String> response, JsonNode json) {
    public String msg() {
      return json.path("msg").asText();
    }
  }

  private static final String PASSWORD = "correct horse";

  private final MutableClock clock = new MutableClock();
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
  private final Path dataDir;
  private final String databaseUrl;
  private final List<String> settings;
  private final Models models; // null where the settings name them
  private final App.Idleness idleness;
  private App app;
  private Consumer<ApiContract.Answered> listener = ApiContract::check;

  private AppFixture(Models models, String databaseUrl, List<String> settings) {
    this(models, databaseUrl, settings, tempDir(), App.Idleness.USUAL);
  }

  private AppFixture(
      Models models,
      String databaseUrl,
      List<String> settings,
      Path dataDir,
      App.Idleness idleness) {
    this.models = models;
    this.idleness = idleness;
    this.databaseUrl = databaseUrl;
    this.settings = settings;
    this.dataDir = dataDir;
    this.app = boot();
  }

  /** A server without a model. {@code settings} are {@code key=value}. */
  public static AppFixture start(String... settings) {
    return new AppFixture(new NoModels(), inMemory(), List.of(settings));
  }

  /** A server whose default model is scripted. */
  public static AppFixture startWith(ScriptedModel model, String... settings) {
    return new AppFixture(model, inMemory(), List.of(settings));
  }

  /** As {@link #startWith}, with other times for idle connections. */
  public static AppFixture startImpatientWith(
      ScriptedModel model, Duration keepAlive, Duration idle) {
    return startImpatientWith(model, keepAlive, idle, inMemory());
  }

  /** As above, with another database. */
  public static AppFixture startImpatientWith(
      ScriptedModel model, Duration keepAlive, Duration idle, String databaseUrl) {
    App.Idleness idleness =
        new App.Idleness(
            keepAlive, idle, new SocketIoServer.Heartbeat(keepAlive, idle, idle, 1_000));
    return new AppFixture(model, databaseUrl, List.of(), tempDir(), idleness);
  }

  /** A server whose default model is asked over HTTP, in OpenAI's format. */
  public static AppFixture startWith(ScriptedProvider provider, String... settings) {
    return startWith(provider, Provider.Type.OPENAI, settings);
  }

  /** A server whose default model is asked over HTTP. */
  public static AppFixture startWith(
      ScriptedProvider provider, Provider.Type type, String... settings) {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("provider.scripted.type=" + type.name().toLowerCase(Locale.ROOT));
    all.add("provider.scripted.base-url=" + provider.baseUrl());
    all.add("provider.scripted.api-key=" + ScriptedProvider.KEY);
    all.add("model.default=scripted/model");
    return new AppFixture(null, inMemory(), all);
  }

  /** As {@link #startWith}, with its database in a file, so that it can be {@link #restart}ed. */
  public static AppFixture startOnDiskWith(ScriptedModel model, String... settings) {
    return new AppFixture(model, "", List.of(settings));
  }

  /**
   * Another server on a copy of this one's files, taken while it runs: what a start after a crash
   * finds. Only for one that is on disk.
   */
  public AppFixture afterCrash() {
    Path copy = tempDir();
    try (Stream<Path> files = Files.list(dataDir)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        copyAtOneMoment(file, copy.resolve(file.getFileName()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new AppFixture(models, databaseUrl, settings, copy, idleness);
  }

  /** A crash leaves what was there at one moment; a copy takes many, and the server goes on. */
  private static void copyAtOneMoment(Path file, Path copy) throws IOException {
    do {
      Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
    } while (Files.mismatch(file, copy) >= 0);
  }

  private static Path tempDir() {
    try {
      return Files.createTempDirectory("coterie-test");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@link #start}, with its database in a file, so that it can be {@link #restart}ed. */
  public static AppFixture startOnDisk(String... settings) {
    return new AppFixture(new NoModels(), "", List.of(settings));
  }

  /** A server on data that is there already. */
  public static AppFixture startOn(Path dataDir, String... settings) {
    return new AppFixture(new NoModels(), "", List.of(settings), dataDir, App.Idleness.USUAL);
  }

  private static String inMemory() {
    return "jdbc:h2:mem:" + UUID.randomUUID();
  }

  public int port() {
    return app.port();
  }

  public String url() {
    return "http://127.0.0.1:" + port();
  }

  public MutableClock clock() {
    return clock;
  }

  public Path dataDir() {
    return dataDir;
  }

  /** The JDBC address of the database, to look at what is stored. */
  public String databaseUrl() {
    return databaseUrl;
  }

  /** Stops the server, as SIGTERM does. */
  public void stop() {
    app.close();
  }

  /** Stops the server and starts it anew on the same data, on another port. */
  public void restart() {
    app.close();
    app = boot();
  }

  /** How many live connections the server has. */
  public int openConnections() {
    return app.openConnections();
  }

  /** Ends all live connections, as a stop does. */
  public void endConnections() {
    app.endConnections();
  }

  /** How many chats somebody follows. */
  public int followedChats() {
    return app.followedChats();
  }

  /** How many things the server's timer has yet to do. */
  public int timerTasks() {
    return app.timerTasks();
  }

  /** How many one-time strings are good. */
  public long unusedStrings() {
    return app.unusedStrings();
  }

  App app() {
    return app;
  }

  /** What REST Assured needs to speak to the server; {@code token} may be null. */
  public RequestSpecification rest(String token) {
    RequestSpecification spec =
        RestAssured.given()
            .baseUri(url())
            .config(
                RestAssured.config()
                    .encoderConfig(
                        EncoderConfig.encoderConfig()
                            .defaultContentCharset(StandardCharsets.UTF_8)
                            .appendDefaultContentCharsetToContentTypeIfUndefined(false)));
    spec.filter((request, unused, context) -> told(request, context.next(request, unused)));
    return token == null ? spec : spec.header("Authorization", "Bearer " + token);
  }

  /** Changes what is stored, for states that no request leads to. */
  public void sql(String statement) {
    String url = databaseUrl.isEmpty() ? RunningDatabase.url(dataDir) : databaseUrl;
    try (Connection connection = DriverManager.getConnection(url, "sa", "");
        Statement sql = connection.createStatement()) {
      sql.execute(statement);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Registers a user with a fresh email and logs in. */
  public Login login() {
    return login("user-" + UUID.randomUUID() + "@example.com");
  }

  /** Registers that user and logs in. */
  public Login login(String email) {
    ObjectNode body = object("email", email, "password", PASSWORD);
    post(null, "/register", body);
    String token = post(null, "/auth/login", body).json().path("access_token").asText();
    String userId = get(token, "/user").json().path("user").path("user_id").asText();
    return new Login(userId, email, token);
  }

  /** The password of every user that {@link #login} makes. */
  public static String password() {
    return PASSWORD;
  }

  public String workspace(Login user) {
    return post(user.token(), "/workspace", object("name", "W"))
        .json()
        .path("workspace")
        .path("workspace_id")
        .asText();
  }

  public String chat(Login user, String workspaceId) {
    return post(user.token(), "/chat?workspace_id=" + workspaceId, null)
        .json()
        .path("chat")
        .path("chat_id")
        .asText();
  }

  /** A chat in a workspace of its own. */
  public String chat(Login user) {
    return chat(user, workspace(user));
  }

  /** A fresh connection string. */
  public String connectionString(Login user, String chatId) {
    return get(user.token(), "/chat/authorize?chat_id=" + chatId)
        .json()
        .path("connection_string")
        .asText();
  }

  /** A fresh message string. */
  public String messageString(Login user, String chatId) {
    return get(user.token(), "/chat/authorize/message?chat_id=" + chatId)
        .json()
        .path("message_string")
        .asText();
  }

  /** A live connection over WebSocket. */
  public ChatClient connect(Login user, String chatId) {
    return ChatClient.connect(this, chatId, connectionString(user, chatId), null);
  }

  public Answer get(String token, String path) {
    return send(token, "GET", path, null, Map.of());
  }

  public Answer post(String token, String path, JsonNode body) {
    return send(token, "POST", path, body == null ? null : body.toString(), Map.of());
  }

  public Answer put(String token, String path, JsonNode body) {
    return send(token, "PUT", path, body == null ? null : body.toString(), Map.of());
  }

  public Answer delete(String token, String path, JsonNode body) {
    return send(token, "DELETE", path, body == null ? null : body.toString(), Map.of());
  }

  /** Any request; {@code body} may be null or no JSON at all. */
  public Answer send(
      String token, String method, String path, String body, Map<String, String> headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url() + path))
            .timeout(Duration.ofSeconds(60))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    headers.forEach(request::header);
    try {
      HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
      listener.accept(ApiContract.Answered.of(response));
      return new Answer(response.statusCode(), response, json(response.body()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /**
   * Tells of every answer that comes through this fixture from now on, in place of failing where
   * one is not as the OpenAPI document says.
   */
  void onAnswer(Consumer<ApiContract.Answered> listener) {
    this.listener = listener;
  }

  private Response told(FilterableRequestSpecification request, Response response) {
    listener.accept(
        new ApiContract.Answered(
            request.getMethod(),
            request.getURI().substring(url().length()),
            response.statusCode(),
            response::header,
            response.asString()));
    return response;
  }

  /** An object of strings: name, value, name, value. */
  public static ObjectNode object(String... pairs) {
    ObjectNode object = Json.MAPPER.createObjectNode();
    for (int i = 0; i < pairs.length; i += 2) {
      object.put(pairs[i], pairs[i + 1]);
    }
    return object;
  }

  HttpClient http() {
    return http;
  }

  @Override
  public void close() {
    app.close();
    try (Stream<Path> files = Files.walk(dataDir)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private App boot() {
    List<String> args = new ArrayList<>();
    args.add("--server.port=0");
    args.add("--data.dir=" + dataDir);
    if (!databaseUrl.isEmpty()) {
      args.add("--database.url=" + databaseUrl);
    }
    if (settings.stream().noneMatch(setting -> setting.startsWith("server.stop-timeout="))) {
      args.add("--server.stop-timeout=2s");
    }
    if (settings.stream().noneMatch(s -> s.startsWith("auth.registration.max-per-hour="))) {
      args.add("--auth.registration.max-per-hour=0");
    }
    settings.forEach(setting -> args.add("--" + setting));
    Config config = Config.load(args.toArray(String[]::new), Map.of(), dataDir);
    return App.start(config, clock, models == null ? Agents::models : c -> models, idleness);
  }

  private static JsonNode json(String body) {
    try {
      return Json.MAPPER.readTree(body);
    } catch (IOException e) {
      return Json.MAPPER.missingNode();
    }
  }
}
