package io.coterie;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the server really answers is what the OpenAPI document says, on every route. */
class ApiConversationTest {

  private static final String GONE = "01936f0e-7c1a-7b52-9a53-1f0d5f6c2b11";

  /** What needs a WebSocket, a package or another client. */
  private static final Set<String> OTHERS =
      Set.of(
          "GET /chat/connect",
          "POST /socket.io",
          "GET /registry/{name}/{file}",
          "PUT /registry/{name}/{file}");

  private static final Map<String, String> STREAM = Map.of("Accept", "text/event-stream");

  private AppFixture app;
  private ApiHearing hearing;
  private Login admin;
  private Login user;

  @BeforeEach
  void start() {
    app = AppFixture.startOnDisk();
    hearing = new ApiHearing(app.get(null, "/openapi.json").json());
    app.onAnswer(hearing::heard);
    admin = app.login();
    user = app.login();
  }

  @AfterEach
  void stop() {
    app.close();
  }

  @Test
  void answers_onEveryRoute_areAsDescribed() {
    accounts();
    String workspace = workspaces();
    String chat = chats(workspace);
    messages(chat);
    live(chat);
    agents();
    operations();
    ApiPrograms programs = new ApiPrograms(app, admin, user);
    programs.keys();
    programs.title();
    programs.ask();
    programs.openAi();
    programs.usageAndSearch();
    programs.administration();
    new ApiRefusals(app, hearing, user).all();
    delete("/chat?chat_id=" + chat);
    delete("/workspace/" + workspace);
    endOfAccount();

    assertThat(hearing.problems()).isEmpty();
    Set<String> expected = new TreeSet<>(hearing.described());
    expected.removeAll(OTHERS);
    assertThat(hearing.succeeded()).isEqualTo(expected);
    Set<String> unheard = new TreeSet<>(hearing.unheard());
    unheard.removeAll(ApiRefusals.ELSEWHERE);
    assertThat(unheard).isEmpty();
  }

  private void accounts() {
    post("/register", null);
    post("/register", object("email", "a@b.c"));
    post("/register", object("email", "nobody", "password", "x"));
    post("/register", object("email", user.email(), "password", "x"));
    post("/register", object("email", "a@b.c", "password", "x".repeat(73)));
    post("/auth/login", object("email", "missing@example.com", "password", "x"));
    post("/auth/login", object("email", user.email(), "password", "wrong"));
    for (String path : List.of("/user", "/workspace", "/chat", "/chat/messages", "/agent")) {
      app.get(null, path);
      app.get("bad", path);
      app.send(user.token(), "HEAD", path, null, Map.of());
      app.send(user.token(), "OPTIONS", path, null, Map.of());
      app.send(user.token(), "PATCH", path, null, Map.of());
    }
    get("/user");
    put("/user", null);
    put("/user", object("email", "no address"));
    put("/user", object("email", admin.email()));
    put("/user", object("email", "new-" + user.email()));
  }

  private String workspaces() {
    String id = path(post("/workspace", object("name", "W")), "workspace", "workspace_id");
    post("/workspace", object("name", "x".repeat(201)));
    get("/workspace");
    get("/workspace?limit=1");
    get("/workspace?limit=0");
    get("/workspace?before=" + GONE);
    String path = "/workspace/" + id;
    get(path);
    get("/workspace/" + GONE);
    get(path + "/chats");
    app.get(admin.token(), path);
    app.get(admin.token(), path + "/chats");
    app.delete(admin.token(), path, null);
    JsonNode agent = object("agent_id", "echo");
    for (String change : List.of("POST agent", "DELETE agent", "PUT coordinator", "PUT rename")) {
      String[] parts = change.split(" ");
      String target = path + "/" + parts[1];
      String body = object("agent_id", "echo", "name", "Renamed").toString();
      app.send(user.token(), parts[0], target, null, Map.of());
      app.send(user.token(), parts[0], target, "{}", Map.of());
      app.send(user.token(), parts[0], target, "{\"agent_id\":5,\"name\":5}", Map.of());
      app.send(admin.token(), parts[0], target, body, Map.of());
      app.send(user.token(), parts[0], "/workspace/" + GONE + "/" + parts[1], body, Map.of());
      app.send(user.token(), parts[0], target, body, Map.of());
    }
    post(path + "/agent", agent);
    post(path + "/agent", object("agent_id", "not-there"));
    get(path);
    return id;
  }

  private String chats(String workspace) {
    post("/chat", null);
    post("/chat?workspace_id=" + GONE, null);
    app.post(admin.token(), "/chat?workspace_id=" + workspace, null);
    String chat = path(post("/chat?workspace_id=" + workspace, null), "chat", "chat_id");
    get("/workspace/" + workspace + "/chats");
    get("/workspace/" + workspace + "/chats?limit=5");
    get("/workspace/" + workspace + "/chats?before=" + GONE);
    for (String path :
        List.of(
            "/chat",
            "/chat/authorize",
            "/chat/authorize/message",
            "/chat/messages",
            "/chat/events")) {
      get(path);
      get(path + "?chat_id=" + GONE);
      app.get(admin.token(), path + "?chat_id=" + chat);
    }
    for (String path : List.of("/chat", "/chat/authorize", "/chat/authorize/message")) {
      get(path + "?chat_id=" + chat);
    }
    return chat;
  }

  private void messages(String chat) {
    post("/chat/retry?chat_id=" + chat, null);
    post("/chat/message", null);
    post("/chat/message", object("message", "hello"));
    post("/chat/message", object("chat_id", chat));
    post("/chat/message", object("chat_id", chat, "message", "x".repeat(100_001)));
    JsonNode message = object("chat_id", chat, "message", "@calculator 2^10");
    app.post(admin.token(), "/chat/message", message);
    post("/chat/message", object("chat_id", GONE, "message", "hello"));
    post("/chat/message?wait=true", message);
    post("/chat/message?wait=true", object("chat_id", chat, "message", "@coordinator hello"));
    app.send(user.token(), "POST", "/chat/message", message.toString(), STREAM);
    post("/chat/message", message);
    post("/chat/retry?wait=1&chat_id=" + chat, null);
    post("/chat/retry", null);
    app.post(admin.token(), "/chat/retry?chat_id=" + chat, null);
    post("/chat/cancel?chat_id=" + chat, null);
    post("/chat/cancel", null);
    app.send(user.token(), "POST", "/chat/cancel?chat_id=" + chat, "[]", Map.of());
    get("/chat/messages?chat_id=" + chat);
    get("/chat/messages?limit=2&chat_id=" + chat);
    get("/chat/messages?before=" + GONE + "&chat_id=" + chat);
    get("/chat/messages?before=a&after=b&chat_id=" + chat);
  }

  private void live(String chat) {
    get("/chat/events?poll=1&since=0&chat_id=" + chat);
    get("/chat/events?poll=1&since=x&chat_id=" + chat);
    app.get(null, "/chat/events?chat_id=" + chat + "&connection_string=bad");
    app.get(null, "/chat/connect");
    app.get(null, "/socket.io?EIO=4&transport=polling");
    app.get(null, "/socket.io");
    app.get(null, "/socket.io?EIO=4&transport=pigeon");
    app.get(null, "/socket.io?EIO=4&transport=polling&sid=unknown");
    app.get(null, "/socket.io?EIO=4&transport=websocket");
  }

  private void agents() {
    get("/agent");
    get("/agent/echo");
    get("/agent/not-there");
    delete("/agent/echo");
    delete("/agent/not-there");
    post("/agent", null);
    JsonNode manifest =
        object("agent_id", "mine", "name", "Mine", "description", "D.", "instructions", "I.");
    post("/agent", manifest);
    post("/agent", manifest);
    app.send(user.token(), "POST", "/agent", "{\"agent_id\":\"A\"}", Map.of());
    delete("/agent/mine");
    get("/agent/search");
    get("/agent/search?query=" + "x".repeat(201));
    app.get(null, "/agent/download");
    app.get(null, "/agent/download?query=summarizer");
    get("/agent/download?query=summarizer");
    get("/agent/download?query=summarizer&version=9.9.9");
    get("/agent/download?query=" + "x".repeat(201));
    app.send(user.token(), "GET", "/agent/download?query=no", null, Map.of("Accept", "text/plain"));
    get("/agent/summarizer");
    app.get(null, "/registry/index.json");
    app.get(null, "/registry/none/index.json");
    put("/registry/none/1.0.0", null);
    app.put(admin.token(), "/registry/none/1.0.0", null);
    app.put(admin.token(), "/registry/NONE/1.0.0", null);
    app.put(admin.token(), "/registry/none/1", null);
    app.get(null, "/schemas/agent.json");
  }

  private void operations() {
    List.of("/ping", "/health", "/ready", "/openapi.json", "/docs").forEach(p -> app.get(null, p));
    String script =
        app.get(null, "/docs").response().body().replaceAll("(?s).*?(docs/\\w+/page.js).*", "/$1");
    app.get(null, script);
    app.get(null, "/docs/1/page.js");
  }

  private void endOfAccount() {
    JsonNode passwords =
        object("current_password", AppFixture.password(), "new_password", "battery staple");
    put("/user/password", null);
    put("/user/password", object("current_password", "x"));
    put("/user/password", object("current_password", "x", "new_password", "y"));
    put("/user/password", passwords);
    app.get(user.token(), "/workspace"); // revoked
    app.delete(admin.token(), "/user", null);
    app.delete(admin.token(), "/user", object("password", AppFixture.password()));
    Login other = app.login();
    app.delete(other.token(), "/user", object("password", "wrong"));
    app.delete(other.token(), "/user", object("password", AppFixture.password()));
    app.get(other.token(), "/user");
    app.put(other.token(), "/user", object());
  }

  private Answer get(String path) {
    return app.get(user.token(), path);
  }

  private Answer post(String path, JsonNode body) {
    return app.post(user.token(), path, body);
  }

  private void put(String path, JsonNode body) {
    app.put(user.token(), path, body);
  }

  private void delete(String path) {
    app.delete(user.token(), path, null);
  }

  private static String path(Answer answer, String object, String field) {
    return answer.json().path(object).path(field).asText();
  }
}
