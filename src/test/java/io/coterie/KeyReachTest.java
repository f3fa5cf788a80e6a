package io.coterie;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import io.coterie.Routes.Route;
import io.coterie.http.Access;
import io.coterie.http.Keys;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What API keys open, found by walking all routes. */
class KeyReachTest {

  private static final String REFUSAL = "API key is not valid here";

  /** Routes that keys may use and that have nothing to do with any one workspace. */
  private static final Set<String> OF_NO_WORKSPACE =
      Set.of(
          "GET /user",
          "GET /workspace",
          "GET /agent",
          "GET /agent/search",
          "GET /agent/{agent_id}",
          "GET /chat/search",
          "GET /v1/models",
          "GET /v1/models/{model}",
          "POST /v1/chat/completions");

  private static AppFixture app;
  private static Login owner;
  private static String mine;
  private static String other;
  private static String myChat;
  private static String otherChat;
  private static String scoped;
  private static String unscoped;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    owner = app.login(); // the first: an admin
    mine = app.workspace(owner);
    other = app.workspace(owner);
    myChat = app.chat(owner, mine);
    otherChat = app.chat(owner, other);
    scoped = key(object("name", "scoped", "workspace_id", mine));
    unscoped = key(object("name", "unscoped"));
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @Test
  void routes_thatKeysCannotUse_refuseBothKinds() {
    Set<String> walked = new TreeSet<>();
    for (Route route : routes(r -> r.keys() == Keys.NO_KEY)) {
      Expect.msg(send(scoped, route, other, otherChat), 403, REFUSAL);
      Expect.msg(send(unscoped, route, other, otherChat), 403, REFUSAL);
      walked.add(name(route));
    }
    assertThat(walked)
        .contains(
            "PUT /user",
            "DELETE /user",
            "PUT /user/password",
            "POST /user/keys",
            "GET /user/keys",
            "DELETE /user/keys/{key_id}",
            "GET /admin/users",
            "PUT /admin/users/{user_id}");
  }

  @Test
  void routes_beyondWorkspaces_refuseScopedKeys() {
    Set<String> walked = new TreeSet<>();
    for (Route route : routes(r -> r.keys() == Keys.UNSCOPED_KEY)) {
      Expect.msg(send(scoped, route, other, otherChat), 403, REFUSAL);
      assertThat(send(unscoped, route, "none", "none").msg()).isNotEqualTo(REFUSAL);
      walked.add(name(route));
    }
    assertThat(walked).contains("POST /workspace", "POST /agent", "DELETE /agent/{agent_id}");
  }

  @Test
  void routes_ofAWorkspace_holdScopedKeysToTheirs() {
    Set<String> walked = new TreeSet<>();
    for (Route route : ofAWorkspace()) {
      String name = name(route);
      Answer refused = send(scoped, route, other, otherChat);
      assertThat(refused.response().body()).as(name).isEqualTo(object("msg", REFUSAL).toString());
      assertThat(refused.status()).as(name).isEqualTo(403);
      Answer missing = send(scoped, route, "none", "none");
      assertThat(missing.status()).as(name).isEqualTo(404);
      walked.add(name);
    }
    assertThat(walked).hasSizeGreaterThanOrEqualTo(17);
    assertThat(app.get(owner.token(), "/chat?chat_id=" + otherChat).status()).isEqualTo(200);
    assertThat(app.get(owner.token(), "/workspace/" + other).status()).isEqualTo(200);
  }

  /** On a workspace of its own for each route, as some of them delete. */
  @Test
  void routes_ofItsWorkspace_areOpenToTheKey() {
    for (Route route : ofAWorkspace()) {
      String workspace = app.workspace(owner);
      String chat = app.chat(owner, workspace);
      app.post(owner.token(), "/chat/message?wait=true", message(chat));
      String key = key(object("name", "k", "workspace_id", workspace));
      assertThat(send(key, route, workspace, chat).status()).as(name(route)).isIn(200, 202);
      String all = key(object("name", "all"));
      String workspace2 = app.workspace(owner);
      String chat2 = app.chat(owner, workspace2);
      app.post(owner.token(), "/chat/message?wait=true", message(chat2));
      assertThat(send(all, route, workspace2, chat2).status()).as(name(route)).isIn(200, 202);
    }
  }

  @Test
  void lists_byAScopedKey_showNothingElse() {
    assertThat(app.get(scoped, "/workspace").json().findValuesAsText("workspace_id"))
        .containsExactly(mine);
    assertThat(app.get(scoped, "/workspace?limit=5").json().findValuesAsText("workspace_id"))
        .containsExactly(mine);
    Expect.msg(app.get(scoped, "/workspace?before=" + other), 403, REFUSAL);
    assertThat(app.get(unscoped, "/workspace").json().findValuesAsText("workspace_id"))
        .contains(mine, other);
    assertThat(app.get(scoped, "/user").status()).isEqualTo(200);
    assertThat(app.get(scoped, "/agent").status()).isEqualTo(200);
    assertThat(app.get(scoped, "/agent/echo").status()).isEqualTo(200);
  }

  @Test
  void models_byAScopedKey_areAgentsAndItsWorkspace() {
    assertThat(app.get(scoped, "/v1/models").json().findValuesAsText("id"))
        .contains("echo", "workspace:" + mine)
        .doesNotContain("workspace:" + other);
    assertThat(complete(scoped, "workspace:" + mine).status()).isEqualTo(200);
    assertThat(complete(scoped, "echo").status()).isEqualTo(200);
    assertThat(complete(unscoped, "workspace:" + other).status()).isEqualTo(200);
    for (Answer refused :
        List.of(
            complete(scoped, "workspace:" + other),
            app.get(scoped, "/v1/models/workspace:" + other))) {
      assertThat(refused.status()).isEqualTo(403);
      assertThat(refused.json().path("error").path("message").asText()).isEqualTo(REFUSAL);
    }
  }

  @Test
  void search_byAScopedKey_isOfItsWorkspace() {
    app.post(owner.token(), "/chat/message?wait=true", message(myChat).put("message", "@echo fig"));
    app.post(
        owner.token(), "/chat/message?wait=true", message(otherChat).put("message", "@echo fig"));
    assertThat(app.get(scoped, "/chat/search?query=fig").json().findValuesAsText("chat_id"))
        .hasSize(2)
        .containsOnly(myChat);
    assertThat(app.get(unscoped, "/chat/search?query=fig").json().findValuesAsText("chat_id"))
        .hasSize(4);
  }

  @Test
  void search_byAScopedKey_takesNoCursorFromElsewhere() {
    for (String chat : List.of(myChat, otherChat)) {
      app.post(owner.token(), "/chat/message?wait=true", message(chat).put("message", "@echo elm"));
    }
    JsonNode found = app.get(unscoped, "/chat/search?query=elm").json().path("results");
    for (JsonNode result : found) {
      String cursor = "&before=" + result.path("message_id").asText();
      assertThat(app.get(unscoped, "/chat/search?query=elm" + cursor).status()).isEqualTo(200);
      for (String query : List.of("elm", "nothing", "%21")) {
        Answer answer = app.get(scoped, "/chat/search?query=" + query + cursor);
        if (result.path("chat_id").asText().equals(myChat)) {
          assertThat(answer.status()).isEqualTo(200);
        } else {
          Expect.msg(answer, 404, "Message not found");
        }
      }
    }
    assertThat(found).hasSize(4);
  }

  @Test
  void ask_byAScopedKey_isInItsWorkspace() {
    Answer answer = app.post(scoped, "/chat/ask", object("message", "@echo hello"));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("workspace_id").asText()).isEqualTo(mine);
    Expect.msg(
        app.post(scoped, "/chat/ask", object("message", "@echo hello", "chat_id", otherChat)),
        403,
        REFUSAL);
  }

  @Test
  void strangersThings_byAnyKey_areStillTheirs() {
    Login stranger = app.login();
    String workspace = app.workspace(stranger);
    String chat = app.chat(stranger, workspace);
    for (String key : List.of(scoped, unscoped)) {
      Expect.msg(
          app.get(key, "/workspace/" + workspace),
          403,
          "User does not have access to the workspace");
      Expect.msg(app.get(key, "/chat?chat_id=" + chat), 401, "User is not the owner of the chat");
    }
  }

  @Test
  void strings_gotWithAScopedKey_openTheChat() {
    Login byKey = new Login(owner.userId(), owner.email(), scoped);
    try (ChatClient client = app.connect(byKey, myChat)) {
      client.await("ready");
      client.message("@echo hello", app.messageString(byKey, myChat));
      assertThat(client.await("message").path("data").path("content").asText()).contains("hello");
    }
  }

  @Test
  void adminsKey_onAdminRoutesThatAreNoAccounts_isTheAdmin() {
    List<Route> admin = routes(r -> r.access() == Access.ADMIN && r.keys() == Keys.UNSCOPED_KEY);
    assertThat(admin).isNotEmpty();
    Login plain = app.login();
    String plainKey =
        app.post(plain.token(), "/user/keys", object("name", "k")).json().path("key").asText();
    for (Route route : admin) {
      Expect.msg(send(plainKey, route, "none", "none"), 403, "Admin only");
      assertThat(send(unscoped, route, "none", "none").status()).as(name(route)).isNotEqualTo(403);
    }
  }

  private static Answer complete(String key, String model) {
    ObjectNode body = object("model", model);
    body.putArray("messages").add(object("role", "user", "content", "@echo hello"));
    return app.post(key, "/v1/chat/completions", body);
  }

  private static List<Route> ofAWorkspace() {
    return routes(
        r ->
            r.keys() == Keys.ANY_KEY
                && !OF_NO_WORKSPACE.contains(name(r))
                && (r.access() == Access.USER || r.access() == Access.STRING_OR_USER));
  }

  private static List<Route> routes(Predicate<Route> which) {
    return app.app().routes().stream().filter(which).collect(Collectors.toList());
  }

  private static String name(Route route) {
    return route.method() + " " + route.path();
  }

  private static Answer send(String token, Route route, String workspace, String chat) {
    String path =
        route
            .path()
            .replace("{workspace_id}", workspace)
            .replace("{agent_id}", "none")
            .replace("{name}", "none")
            .replace("{version}", "1.0.0")
            .replaceAll("\\{[^}]*}", "00000000-0000-7000-8000-000000000000");
    String query = "?poll=1&since=0&query=none&chat_id=" + chat + "&workspace_id=" + workspace;
    ObjectNode body =
        message(chat)
            .put("name", "n")
            .put("title", "t")
            .put("agent_id", "echo")
            .put("workspace_id", workspace);
    return app.send(token, route.method(), path + query, body.toString(), Map.of());
  }

  private static ObjectNode message(String chat) {
    return object("chat_id", chat, "message", "@echo hello");
  }

  private static String key(ObjectNode body) {
    return app.post(owner.token(), "/user/keys", body).json().path("key").asText();
  }
}
