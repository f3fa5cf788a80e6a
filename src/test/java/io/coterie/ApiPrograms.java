package io.coterie;

import static io.coterie.AppFixture.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.AppFixture.Login;
import io.coterie.http.Json;
import java.util.List;
import java.util.Map;

/** What programs say to the server, right and wrong: keys, asking, OpenAI's API, operations. */
final class ApiPrograms {

  private static final String GONE = "01936f0e-7c1a-7b52-9a53-1f0d5f6c2b11";
  private static final Map<String, String> STREAM = Map.of("Accept", "text/event-stream");
  private static final Map<String, String> TEXT = Map.of("Accept", "text/plain");

  private final AppFixture app;
  private final Login admin;
  private final Login user;
  private final String workspace;
  private final String chat;
  private final String otherWorkspace;
  private final String otherChat;

  ApiPrograms(AppFixture app, Login admin, Login user) {
    this.app = app;
    this.admin = admin;
    this.user = user;
    this.workspace = app.workspace(user);
    this.chat = app.chat(user, workspace);
    this.otherWorkspace = app.workspace(admin);
    this.otherChat = app.chat(admin, otherWorkspace);
  }

  void keys() {
    String path = "/user/keys";
    post(path, null);
    post(path, object("expires_in", "30d"));
    post(path, object("name", "k", "expires_in", "soon"));
    post(path, object("name", "k", "workspace_id", GONE));
    post(path, object("name", "k", "workspace_id", otherWorkspace));
    String elsewhere = app.workspace(user);
    String key = key(object("name", "k", "expires_in", "30d", "workspace_id", elsewhere));
    app.get(key, path);
    app.get(key, "/chat?chat_id=" + chat);
    app.post(key, "/workspace", null);
    app.post(key, "/chat/ask", object("message", "@echo hello", "chat_id", chat));
    app.post(key, "/chat/ask", object("message", "@echo hello"));
    app.get(key, "/v1/models/workspace:" + workspace);
    app.post(key, "/v1/chat/completions", completion("workspace:" + workspace, "user", "hello"));
    app.get(key, "/user");
    while (post(path, object("name", "another")).status() == 200) {
      // up to as many as one may have
    }
    JsonNode keys = app.get(user.token(), path).json().path("keys");
    app.delete(user.token(), path + "/" + keys.path(0).path("key_id").asText(), null);
    app.delete(user.token(), path + "/" + GONE, null);
  }

  void title() {
    String path = "/chat?chat_id=" + chat;
    app.put(user.token(), path, null);
    app.put(user.token(), path, object());
    app.put(user.token(), path, object("title", "x".repeat(201)));
    app.put(user.token(), "/chat", object("title", "T"));
    app.put(user.token(), "/chat?chat_id=" + GONE, object("title", "T"));
    app.put(admin.token(), path, object("title", "T"));
    app.put(user.token(), path, object("title", "T"));
  }

  void ask() {
    ObjectNode message = object("message", "@calculator 2^10");
    for (ObjectNode wrong :
        List.of(
            object(),
            object("message", "x".repeat(100_001)),
            message.deepCopy().put("chat_id", chat).put("workspace_id", app.workspace(user)),
            message.deepCopy().put("chat_id", otherChat),
            message.deepCopy().put("workspace_id", otherWorkspace),
            message.deepCopy().put("chat_id", GONE),
            message.deepCopy().put("workspace_id", GONE),
            message.deepCopy().put("agent_id", "not-there"),
            message.deepCopy().put("agent_id", "coordinator"))) {
      post("/chat/ask", wrong);
      app.send(user.token(), "POST", "/chat/ask", wrong.toString(), TEXT);
    }
    post("/chat/ask", null);
    app.send(null, "POST", "/chat/ask", message.toString(), TEXT);
    post("/chat/ask", message);
    post("/chat/ask", message.deepCopy().put("chat_id", chat));
    app.send(user.token(), "POST", "/chat/ask", message.toString(), TEXT);
    app.send(user.token(), "POST", "/chat/ask", message.toString(), STREAM);
  }

  void openAi() {
    app.get(user.token(), "/v1/models");
    app.get("bad", "/v1/models");
    app.get(user.token(), "/v1/models/echo");
    app.get(user.token(), "/v1/models/workspace:" + workspace);
    app.get(user.token(), "/v1/models/gpt-5");
    String path = "/v1/chat/completions";
    post(path, null);
    post(path, object("model", " "));
    post(path, object("model", "echo"));
    ObjectNode right = completion("echo", "user", "hello");
    post(path, right);
    post(path, right.deepCopy().put("stream", true));
    ObjectNode options = right.deepCopy().put("stream", true);
    options.putObject("stream_options").put("include_usage", true);
    post(path, options);
    options.putObject("stream_options").put("include_usage", "yes");
    post(path, options);
    post(path, right.deepCopy().put("n", 2));
    post(path, right.deepCopy().put("stream", "yes"));
    post(path, completion("gpt-5", "user", "hello"));
    post(path, completion("coordinator", "user", "hello"));
    post(path, completion("echo", "king", "hello"));
    post(path, completion("echo", "system", "hello"));
    post(path, completion("echo", "user", "x".repeat(100_001)));
    post(path, content(Json.MAPPER.getNodeFactory().numberNode(5)));
    post(path, content(Json.MAPPER.createArrayNode().add(object("type", "image_url"))));
  }

  void usageAndSearch() {
    for (String query : List.of("", "?from=2026-01-01&to=2099-12-31", "?from=x", "?to=x")) {
      app.get(user.token(), "/user/usage" + query);
    }
    for (String query :
        List.of(
            "",
            "?query=1024",
            "?query=" + "x".repeat(201),
            "?query=a+b+c+d+e+f+g+h+i+j+k",
            "?query=x&limit=0",
            "?query=x&before=" + GONE)) {
      app.get(user.token(), "/chat/search" + query);
    }
  }

  void administration() {
    String self = "/admin/users/" + admin.userId();
    for (Login login : List.of(user, admin)) {
      app.get(login.token(), "/admin/users");
      app.put(login.token(), "/admin/users/" + user.userId(), object("role", "user"));
      app.post(login.token(), "/admin/backup", null);
      app.get(login.token(), "/metrics");
    }
    app.put(admin.token(), self, null);
    app.put(admin.token(), self, object("disabled", "yes"));
    app.put(admin.token(), self, object("role", "king"));
    app.put(admin.token(), self, object("role", "user"));
    app.put(admin.token(), self, Json.MAPPER.createObjectNode().put("disabled", true));
    app.put(admin.token(), "/admin/users/" + GONE, object("role", "user"));
    app.send(
        admin.token(), "GET", "/metrics", null, Map.of("Accept", "application/openmetrics-text"));
    Login other = app.login();
    ObjectNode disabled = Json.MAPPER.createObjectNode().put("disabled", true);
    app.put(admin.token(), "/admin/users/" + other.userId(), disabled);
    app.post(
        null,
        "/auth/login",
        object("email", other.email(), "password", AppFixture.password())); // disabled
  }

  private AppFixture.Answer post(String path, JsonNode body) {
    return app.post(user.token(), path, body);
  }

  private String key(ObjectNode body) {
    return post("/user/keys", body).json().path("key").asText();
  }

  private static ObjectNode completion(String model, String role, String text) {
    ObjectNode body = object("model", model);
    body.putArray("messages").add(object("role", role, "content", text));
    return body;
  }

  private static ObjectNode content(JsonNode content) {
    ObjectNode body = completion("echo", "user", "");
    ((ObjectNode) body.path("messages").path(0)).set("content", content);
    return body;
  }
}
