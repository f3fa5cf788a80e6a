package io.coterie;

import static io.coterie.AppFixture.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.AppFixture.Login;
import io.coterie.http.Json;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What the server refuses beside what is in the course of things, one request for each reason. */
final class ApiRefusals {

  /** What takes other settings, another registry, or a race. */
  static final Set<String> ELSEWHERE =
      Set.of(
          "DELETE /user 404 User not found",
          "PUT /user/password 404 User not found",
          "POST /register 403 Registration is closed",
          "GET /agent/download 403 Admin only",
          "GET /agent/download 403 User is not the owner of the agent",
          "GET /agent/download 403 Only an admin may install a package that runs commands",
          "GET /agent/download 400 " + registry(400),
          "GET /agent/download 401 " + registry(401),
          "GET /agent/download 403 " + registry(403));

  private static final String GONE = "01936f0e-7c1a-7b52-9a53-1f0d5f6c2b11";

  private final AppFixture app;
  private final ApiHearing hearing;
  private final Login user;
  private final Login other;
  private final String chat;
  private final String workspace;

  ApiRefusals(AppFixture app, ApiHearing hearing, Login user) {
    this.app = app;
    this.hearing = hearing;
    this.user = user;
    this.other = app.login();
    this.workspace = app.workspace(user);
    this.chat = app.chat(user, workspace);
  }

  void all() {
    logins();
    chats();
    workspaces();
    agents();
    sockets();
  }

  private void logins() {
    app.post(null, "/auth/login", null);
    app.post(null, "/auth/login", object("email", "a@b.c"));
    app.delete(user.token(), "/user", object());
    String current = AppFixture.password();
    app.put(
        user.token(),
        "/user/password",
        object("current_password", current, "new_password", "x".repeat(73)));
  }

  private void chats() {
    for (String query : List.of("", "?chat_id=" + GONE, "?chat_id=" + chat)) {
      app.delete(other.token(), "/chat" + query, null);
      app.post(other.token(), "/chat/cancel" + query, null);
      app.post(other.token(), "/chat/retry" + query, null);
    }
    app.get(user.token(), "/chat/messages?limit=0&chat_id=" + chat);
    app.get(user.token(), "/workspace/" + workspace + "/chats?limit=0");
    app.get(user.token(), "/workspace/" + GONE + "/chats");
  }

  private void workspaces() {
    String full = app.workspace(user);
    for (int i = 0; i <= 100; i++) {
      app.post(user.token(), "/workspace/" + full + "/agent", object("agent_id", "agent-" + i));
    }
    app.delete(user.token(), "/workspace/" + GONE, null);
    app.put(user.token(), "/workspace/" + workspace + "/rename", object("name", "x".repeat(201)));
  }

  private void agents() {
    create(manifest("guide"));
    create(manifest("search"));
    create(manifest("a").put("instructions_file", "a.md"));
    ObjectNode delegating = manifest("a");
    delegating.putArray("delegates").add("Not an id");
    create(delegating);
    create(withTool("{}"));
    create(withTool("{\"mcp\":{\"url\":\"ftp://example.com\"}}"));
    create(withTool("{\"mcp\":{\"command\":[\"sh\"]}}"));
    for (int i = 0; create(manifest("agent-" + i)) == 200; i++) {
      // up to as many as one may have
    }
  }

  private void sockets() {
    String string = app.connectionString(user, chat);
    for (String query :
        List.of(
            "",
            "?chat_id=" + chat,
            "?chat_id=" + chat + "&connection_string=bad",
            "?since=x&chat_id=" + chat + "&connection_string=bad")) {
      hear("/chat/connect" + query, RawClient.upgrade(app, "/chat/connect" + query));
    }
    String target = "/chat/connect?chat_id=" + chat + "&connection_string=" + string;
    hear(
        target,
        RawClient.get(
            app,
            target,
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: short"));
    app.delete(user.token(), "/chat?chat_id=" + chat, null);
    hear(target, RawClient.upgrade(app, target));
  }

  private void hear(String target, RawClient.Reply reply) {
    hearing.heard(
        new ApiContract.Answered(
            "GET",
            target,
            reply.status(),
            name -> reply.headers().get(name.toLowerCase(Locale.ROOT)),
            reply.body()));
  }

  private int create(JsonNode manifest) {
    return app.post(other.token(), "/agent", manifest).status();
  }

  private static ObjectNode manifest(String id) {
    return object("agent_id", id, "name", "N", "description", "D.", "instructions", "I.");
  }

  private static ObjectNode withTool(String tool) {
    ObjectNode manifest = manifest("a");
    manifest.putArray("tools").add(ApiContract.json(tool));
    return manifest;
  }

  private static String registry(int status) {
    return Json.write(
        "Failed to download package: summarizer:latest, the registry answered " + status);
  }
}
