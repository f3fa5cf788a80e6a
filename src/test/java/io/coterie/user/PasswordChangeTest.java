package io.coterie.user;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AllAtOnce;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import io.coterie.Expect;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class PasswordChangeTest {

  private static AppFixture app;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @Test
  void change_rightPassword_revokesEveryEarlierToken() {
    Login user = app.login();
    String second = token(user, AppFixture.password());
    Expect.msg(change(user, AppFixture.password(), "another"), 200, "Password updated");

    for (String token : List.of(user.token(), second)) {
      for (String path : List.of("/user", "/workspace", "/agent")) {
        Expect.msg(app.get(token, path), 401, "Token has been revoked");
      }
      Expect.msg(app.put(token, "/user", object()), 401, "Token has been revoked");
    }
    String fresh = token(user, "another");
    assertThat(app.get(fresh, "/user").status()).isEqualTo(200);
    Expect.msg(
        app.post(
            null, "/auth/login", object("email", user.email(), "password", AppFixture.password())),
        401,
        "Incorrect password.");
  }

  @Test
  void change_wrongPassword_changesNothing() {
    Login user = app.login();
    Expect.msg(change(user, "wrong", "another"), 401, "Incorrect password.");
    assertThat(app.get(user.token(), "/user").status()).isEqualTo(200);
  }

  @Test
  void change_checksInOrder() {
    Login user = app.login();
    String missing = "Missing current_password/new_password parameter";
    Expect.msg(app.put(null, "/user/password", null), 401, "Missing Authorization Header");
    Expect.msg(app.put(user.token(), "/user/password", null), 400, "Missing JSON in request");
    Expect.msg(app.put(user.token(), "/user/password", object()), 400, missing);
    Expect.msg(
        app.put(user.token(), "/user/password", object("current_password", "wrong")), 400, missing);
    Expect.msg(app.put(user.token(), "/user/password", object("new_password", "n")), 400, missing);
  }

  @RepeatedTest(5)
  void change_twiceAtOnce_oneWins() throws Exception {
    Login user = app.login();
    List<Answer> answers =
        AllAtOnce.call(
            List.of(
                () -> change(user, AppFixture.password(), "one"),
                () -> change(user, AppFixture.password(), "two")));
    assertThat(answers.stream().map(Answer::status)).containsExactlyInAnyOrder(200, 401);
    String winner = answers.get(0).status() == 200 ? "one" : "two";
    assertThat(app.get(token(user, winner), "/user").status()).isEqualTo(200);
  }

  private static Answer change(Login user, String current, String replacement) {
    return app.put(
        user.token(),
        "/user/password",
        object("current_password", current, "new_password", replacement));
  }

  private static String token(Login user, String password) {
    return app.post(null, "/auth/login", object("email", user.email(), "password", password))
        .json()
        .path("access_token")
        .asText();
  }
}
