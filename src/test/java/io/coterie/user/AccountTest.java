package io.coterie.user;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.coterie.AllAtOnce;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import io.coterie.Expect;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** GET and PUT /user. */
class AccountTest {

  private static AppFixture app;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    app.login("admin@example.com");
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @Test
  void get_own_showsTheAccountAndNothingElse() {
    Login user = app.login("me@example.com");
    app.rest(user.token())
        .when()
        .get("/user")
        .then()
        .statusCode(200)
        .body(
            equalTo(
                "{\"user\":{\"user_id\":\""
                    + user.userId()
                    + "\",\"email\":\"me@example.com\",\"role\":\"user\","
                    + "\"created_at\":\"2026-01-15T10:00:00.123Z\"}}"));
    assertThat(UUID.fromString(user.userId()).version()).isEqualTo(7);
  }

  @Test
  void update_email_changesItForLoginToo() {
    Login user = app.login();
    String email = "new-" + UUID.randomUUID() + "@Example.com";
    app.rest(user.token())
        .body("{\"email\":\" " + email + " \"}")
        .when()
        .put("/user")
        .then()
        .statusCode(200)
        .body(equalTo("{\"msg\":\"User updated\"}"));
    app.rest(user.token()).when().get("/user").then().body("user.email", equalTo(email));
    String password = AppFixture.password();
    assertThat(app.post(null, "/auth/login", object("email", email, "password", password)).status())
        .isEqualTo(200);
    Expect.msg(
        app.post(null, "/auth/login", object("email", user.email(), "password", password)),
        404,
        "User not found");
    assertThat(app.post(null, "/register", object("email", user.email(), "password", "p")).status())
        .isEqualTo(200);
  }

  @Test
  void update_withoutEmail_changesNothing() {
    Login user = app.login();
    for (String body :
        new String[] {"{}", "{\"email\":null}", "{\"email\":\" \"}", "{\"role\":\"admin\"}"}) {
      Expect.msg(app.send(user.token(), "PUT", "/user", body, Map.of()), 200, "User updated");
    }
    var shown = app.get(user.token(), "/user").json().path("user");
    assertThat(shown.path("email").asText()).isEqualTo(user.email());
    assertThat(shown.path("role").asText()).isEqualTo("user");
  }

  @Test
  void update_emailOfAnother_isTaken() {
    Login user = app.login();
    Expect.msg(
        app.put(user.token(), "/user", object("email", "ADMIN@example.com")),
        400,
        "User already exists");
  }

  @Test
  void update_ownEmailInAnotherSpelling_isTaken() {
    Login user = app.login("spell@example.com");
    Expect.msg(
        app.put(user.token(), "/user", object("email", "Spell@Example.com")), 200, "User updated");
    assertThat(app.get(user.token(), "/user").json().path("user").path("email").asText())
        .isEqualTo("Spell@Example.com");
  }

  @Test
  void update_noEmail_isInvalid() {
    Login user = app.login();
    for (String email : new String[] {"x", "a@", "@b", "a b@c"}) {
      Expect.msg(app.put(user.token(), "/user", object("email", email)), 400, "Invalid email");
    }
    Expect.badField(
        app.put(user.token(), "/user", object("email", "a".repeat(251) + "@b.c")), "email");
    Expect.msg(app.put(user.token(), "/user", null), 400, "Missing JSON in request");
  }

  @RepeatedTest(5)
  void update_twoToOneEmailAtOnce_oneGetsIt() throws Exception {
    Login a = app.login();
    Login b = app.login();
    String email = UUID.randomUUID() + "@example.com";
    java.util.List<AppFixture.Answer> answers =
        AllAtOnce.call(
            java.util.List.of(
                () -> app.put(a.token(), "/user", object("email", email)),
                () -> app.put(b.token(), "/user", object("email", email))));
    assertThat(answers.stream().map(AppFixture.Answer::msg))
        .containsExactlyInAnyOrder("User updated", "User already exists");
  }
}
