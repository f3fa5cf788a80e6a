package io.coterie.user;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import io.coterie.Expect;
import io.coterie.RawClient;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AccountDeletionTest {

  private static AppFixture app;
  private static Login admin;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    admin = app.login();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @Test
  void delete_rightPassword_takesEverythingAlong() {
    Login user = app.login();
    String workspace = app.workspace(user);
    String chat = app.chat(user, workspace);
    String string = app.connectionString(user, chat);
    Expect.msg(
        app.delete(user.token(), "/user", object("password", AppFixture.password())),
        200,
        "User deleted");

    Expect.msg(app.get(user.token(), "/user"), 404, "User not found");
    Expect.msg(app.put(user.token(), "/user", object("email", "a@b")), 404, "User not found");
    Expect.msg(app.put(user.token(), "/user", null), 400, "Missing JSON in request");
    for (String path : List.of("/workspace", "/workspace/" + workspace, "/chat", "/agent")) {
      Expect.msg(app.get(user.token(), path), 401, "Token has been revoked");
    }
    Expect.msg(
        app.post(
            null, "/auth/login", object("email", user.email(), "password", AppFixture.password())),
        404,
        "User not found");
    Expect.msg(app.get(admin.token(), "/workspace/" + workspace), 404, "Workspace not found");
    Expect.msg(app.get(admin.token(), "/chat?chat_id=" + chat), 404, "Chat not found");
    var refused =
        RawClient.upgrade(app, "/chat/connect?chat_id=" + chat + "&connection_string=" + string);
    assertThat(refused.status()).isEqualTo(404);
    assertThat(refused.json()).isEqualTo(object("msg", "Chat not found"));
  }

  @Test
  void delete_thenTheSameEmailAgain_isAnotherUser() {
    Login user = app.login();
    app.delete(user.token(), "/user", object("password", AppFixture.password()));
    Login again = app.login(user.email());
    assertThat(again.userId()).isNotEqualTo(user.userId());
    assertThat(app.get(again.token(), "/workspace").json().path("workspaces")).isEmpty();
    Expect.msg(app.get(user.token(), "/user"), 404, "User not found");
  }

  @Test
  void delete_wrongPassword_deletesNothing() {
    Login user = app.login();
    Expect.msg(
        app.delete(user.token(), "/user", object("password", "wrong")), 401, "Incorrect password.");
    assertThat(app.get(user.token(), "/user").status()).isEqualTo(200);
  }

  @Test
  void delete_withoutPassword_isMissing() {
    Login user = app.login();
    Expect.msg(app.delete(user.token(), "/user", null), 400, "Missing JSON in request");
    Expect.msg(app.delete(user.token(), "/user", object()), 400, "Missing password parameter");
  }

  @Test
  void delete_onlyUser_makesTheNextOneFirst() {
    try (AppFixture alone = AppFixture.start("auth.registration=closed")) {
      Login user = alone.login();
      Expect.msg(
          alone.delete(user.token(), "/user", object("password", AppFixture.password())),
          200,
          "User deleted");
      Login next = alone.login();
      assertThat(alone.get(next.token(), "/user").json().path("user").path("role").asText())
          .isEqualTo("admin");
    }
  }

  @Test
  void delete_withAgents_takesThoseOfItsOwnAndLeavesPackages() {
    try (AppFixture disk = AppFixture.startOnDisk()) {
      Login first = disk.login();
      Login leaver = disk.login();
      disk.post(leaver.token(), "/agent", agent("mine"));
      disk.post(first.token(), "/agent", agent("stays"));
      disk.get(leaver.token(), "/agent/download?query=translator");
      disk.restart();
      JsonNode before = disk.get(first.token(), "/agent").json();
      assertThat(disk.get(leaver.token(), "/agent/mine").json().path("source").asText())
          .isEqualTo("user");
      assertThat(before.findValuesAsText("agent_id"))
          .contains("stays", "translator")
          .doesNotContain("mine");

      ObjectNode password = object("password", AppFixture.password());
      Expect.msg(disk.delete(leaver.token(), "/user", password), 200, "User deleted");
      assertThat(disk.get(first.token(), "/agent").json()).isEqualTo(before);
      String next = disk.login().token();
      Expect.msg(disk.delete(next, "/agent/mine", null), 404, "Agent not found");
      assertThat(disk.post(next, "/agent", agent("mine")).status()).isEqualTo(200);
      Expect.msg(
          disk.delete(next, "/agent/translator", null), 403, "User is not the owner of the agent");
      disk.restart();
      assertThat(disk.get(first.token(), "/agent").json()).isEqualTo(before);
      assertThat(disk.get(next, "/agent/mine").status()).isEqualTo(200);
      assertThat(disk.delete(first.token(), "/agent/translator", null).status()).isEqualTo(200);
    }
  }

  private static ObjectNode agent(String id) {
    return object("agent_id", id, "name", "Mine", "description", "Mine.", "instructions", "Help.");
  }
}
