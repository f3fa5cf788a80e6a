package io.coterie.user;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.AllAtOnce;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import io.coterie.Expect;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Listing, disabling and promoting users. */
class UserAdminTest {

  private AppFixture app;
  private Login admin;

  @BeforeEach
  void start() {
    app = AppFixture.start();
    admin = app.login("admin@example.com");
  }

  @AfterEach
  void stop() {
    app.close();
  }

  @Test
  void list_showsEveryAccountOldestFirst() {
    Login user = app.login("user@example.com");
    change(user, "{\"disabled\":true}");
    JsonNode users = app.get(admin.token(), "/admin/users").json();
    assertThat(users.fieldNames()).toIterable().containsExactly("users");
    assertThat(users.path("users").get(1))
        .isEqualTo(
            object("user_id", user.userId(), "email", "user@example.com", "role", "user")
                .put("disabled", true)
                .put("created_at", app.clock().instant().toString()));
    assertThat(users.findValuesAsText("email"))
        .containsExactly("admin@example.com", "user@example.com");
    assertThat(users.findValuesAsText("role")).containsExactly("admin", "user");
  }

  @Test
  void routes_forOthers_areAdminOnly() {
    Login user = app.login();
    Expect.msg(app.get(user.token(), "/admin/users"), 403, "Admin only");
    Expect.msg(
        app.put(user.token(), "/admin/users/" + user.userId(), object("role", "admin")),
        403,
        "Admin only");
    Expect.msg(app.put(user.token(), "/admin/users/x", null), 403, "Admin only");
  }

  @Test
  void update_badBodiesAndIds_areRefused() {
    Login user = app.login();
    String path = "/admin/users/" + user.userId();
    Expect.msg(app.put(admin.token(), path, null), 400, "Missing JSON in request");
    for (String disabled : List.of("\"true\"", "1", "[]", "\"\"")) {
      Expect.badField(change(user, "{\"disabled\":" + disabled + "}"), "disabled");
    }
    for (String role : List.of("\"root\"", "1", "\"Admin\"", "{}")) {
      Expect.badField(change(user, "{\"disabled\":true,\"role\":" + role + "}"), "role");
    }
    for (String id : List.of("x", UUID.randomUUID().toString())) {
      Expect.msg(
          app.put(admin.token(), "/admin/users/" + id, object("role", "user")),
          404,
          "User not found");
      Expect.badField(app.put(admin.token(), "/admin/users/" + id, object("role", "x")), "role");
    }
    for (String nothing : List.of("{}", "{\"disabled\":null,\"role\":null}", "{\"role\":\"\"}")) {
      Expect.msg(change(user, nothing), 200, "User updated");
    }
    assertThat(app.get(user.token(), "/user").json().path("user").path("role").asText())
        .isEqualTo("user");
  }

  @Test
  void promote_thenDemote_countsFromTheNextRequest() {
    Login user = app.login();
    Expect.msg(change(user, "{\"role\":\"admin\"}"), 200, "User updated");
    assertThat(app.get(user.token(), "/admin/users").status()).isEqualTo(200);
    Expect.msg(change(user, "{\"role\":\"user\"}"), 200, "User updated");
    Expect.msg(app.get(user.token(), "/admin/users"), 403, "Admin only");
  }

  @Test
  void lastAdmin_staysOne() {
    Login user = app.login();
    Expect.msg(change(admin, "{\"role\":\"user\"}"), 400, "The last admin cannot be demoted");
    Expect.msg(change(admin, "{\"disabled\":true}"), 400, "The last admin cannot be disabled");
    Expect.msg(change(user, "{\"role\":\"admin\",\"disabled\":true}"), 200, "User updated");
    Expect.msg(change(admin, "{\"role\":\"user\"}"), 400, "The last admin cannot be demoted");
    Expect.msg(change(user, "{\"disabled\":false}"), 200, "User updated");
    Expect.msg(change(admin, "{\"role\":\"user\"}"), 200, "User updated");
    Expect.msg(app.get(admin.token(), "/admin/users"), 403, "Admin only");
  }

  @Test
  void twoAdmins_demotingEachOtherAtOnce_oneStays() throws Exception {
    for (int i = 0; i < 20; i++) {
      Login a = admin;
      Login b = app.login();
      Expect.msg(change(b, "{\"role\":\"admin\"}"), 200, "User updated");
      String body = i % 2 == 0 ? "{\"role\":\"user\"}" : "{\"disabled\":true}";
      List<Integer> statuses =
          AllAtOnce.call(
              List.of(() -> change(a, b, body).status(), () -> change(b, a, body).status()));
      assertThat(statuses).containsOnlyOnce(200);
      assertThat(statuses).allMatch(status -> status == 200 || status == 403 || status == 401);
      admin = statuses.get(0) == 200 ? a : b;
      assertThat(admins()).containsExactly(admin.userId());
    }
  }

  @Test
  void twoAdmins_deletingThemselvesAtOnce_oneStays() throws Exception {
    for (int i = 0; i < 5; i++) {
      app.login(); // somebody else, whose data an admin must not lose
      Login a = admin;
      Login b = app.login();
      Expect.msg(change(b, "{\"role\":\"admin\"}"), 200, "User updated");
      List<Answer> answers = AllAtOnce.call(List.of(() -> leave(a), () -> leave(b)));
      assertThat(answers.stream().map(Answer::msg))
          .containsExactlyInAnyOrder("User deleted", "The last admin cannot be deleted");
      admin = answers.get(0).status() == 200 ? b : a;
      assertThat(admins()).containsExactly(admin.userId());
    }
  }

  @Test
  void disable_endsTokensAndKeysAndLoginAtOnce() {
    Login user = app.login();
    String chat = app.chat(user);
    String key = key(user);
    Expect.msg(change(user, "{\"disabled\":true}"), 200, "User updated");
    for (String token : List.of(user.token(), key)) {
      for (String path : List.of("/user", "/workspace", "/chat?chat_id=" + chat, "/agent")) {
        Expect.msg(app.get(token, path), 401, "Token has been revoked");
      }
    }
    Expect.msg(login(user, AppFixture.password()), 403, "User is disabled");
    Expect.msg(login(user, "wrong"), 401, "Incorrect password.");
  }

  @Test
  void enable_letsTheUserLogInAgainButNotWithWhatWasRevoked() {
    Login user = app.login();
    String chat = app.chat(user);
    String key = key(user);
    change(user, "{\"disabled\":true}");
    Expect.msg(change(user, "{\"disabled\":false}"), 200, "User updated");
    Expect.msg(app.get(user.token(), "/workspace"), 401, "Token has been revoked");
    Expect.msg(app.get(key, "/workspace"), 401, "Token has been revoked");
    String token = login(user, AppFixture.password()).json().path("access_token").asText();
    assertThat(app.get(token, "/chat?chat_id=" + chat).status()).isEqualTo(200);
    assertThat(app.get(token, "/user/keys").json().path("keys")).isEmpty();
  }

  @Test
  void keys_madeWhileTheUserIsDisabled_doNotOutliveIt() throws Exception {
    for (int i = 0; i < 15; i++) {
      Login user = app.login();
      List<Answer> answers =
          AllAtOnce.call(
              List.of(
                  () -> app.post(user.token(), "/user/keys", object("name", "k")),
                  () -> change(user, "{\"disabled\":true}")));
      assertThat(answers.get(0).status()).isIn(200, 401);
      assertThat(answers.get(1).status()).isEqualTo(200);
      change(user, "{\"disabled\":false}");
      if (answers.get(0).status() == 200) {
        String key = answers.get(0).json().path("key").asText();
        Expect.msg(app.get(key, "/user"), 401, "Token has been revoked");
      }
    }
  }

  private List<String> admins() {
    List<String> ids = new java.util.ArrayList<>();
    for (JsonNode user : app.get(admin.token(), "/admin/users").json().path("users")) {
      if (user.path("role").asText().equals("admin") && !user.path("disabled").asBoolean()) {
        ids.add(user.path("user_id").asText());
      }
    }
    return ids;
  }

  private Answer change(Login who, String body) {
    return change(admin, who, body);
  }

  private Answer change(Login by, Login who, String body) {
    return app.send(by.token(), "PUT", "/admin/users/" + who.userId(), body, Map.of());
  }

  private Answer leave(Login who) {
    return app.delete(who.token(), "/user", object("password", AppFixture.password()));
  }

  private String key(Login who) {
    ObjectNode body = object("name", "k");
    return app.post(who.token(), "/user/keys", body).json().path("key").asText();
  }

  private Answer login(Login who, String password) {
    return app.post(null, "/auth/login", object("email", who.email(), "password", password));
  }
}
