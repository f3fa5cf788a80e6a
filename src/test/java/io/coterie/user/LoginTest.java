package io.coterie.user;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;

import io.coterie.AppFixture;
import io.coterie.Expect;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LoginTest {

  private static AppFixture app;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    app.post(null, "/register", object("email", "User@example.com", "password", "pass word "));
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @Test
  void login_rightPassword_givesATokenThatWorks() {
    String token =
        app.rest(null)
            .body(object("email", "User@example.com", "password", "pass word ").toString())
            .when()
            .post("/auth/login")
            .then()
            .statusCode(200)
            .body(matchesPattern("\\{\"access_token\":\"[\\w-]+\\.[\\w-]+\\.[\\w-]+\"}"))
            .extract()
            .path("access_token");
    app.rest(token)
        .when()
        .get("/user")
        .then()
        .statusCode(200)
        .body("user.email", equalTo("User@example.com"));
  }

  @Test
  void login_emailInAnotherSpelling_isTheSameUser() {
    for (String email :
        new String[] {"user@example.com", "USER@EXAMPLE.COM", " User@example.com\n"}) {
      assertThat(
              app.post(null, "/auth/login", object("email", email, "password", "pass word "))
                  .status())
          .isEqualTo(200);
    }
  }

  @Test
  void login_unknownEmail_is404() {
    for (String email : new String[] {"nobody@example.com", "not an email", "@", "%"}) {
      Expect.msg(
          app.post(null, "/auth/login", object("email", email, "password", "p")),
          404,
          "User not found");
    }
  }

  @Test
  void login_wrongPassword_is401() {
    for (String password : new String[] {"wrong", "pass word", "Pass word ", "pass word  "}) {
      Expect.msg(
          app.post(null, "/auth/login", object("email", "user@example.com", "password", password)),
          401,
          "Incorrect password.");
    }
  }

  @Test
  void login_disabledUser_is403OnlyWithTheRightPassword() {
    var user = app.login("disabled@example.com");
    app.sql("UPDATE users SET disabled = TRUE WHERE email_key = 'disabled@example.com'");
    Expect.msg(
        app.post(
            null, "/auth/login", object("email", user.email(), "password", AppFixture.password())),
        403,
        "User is disabled");
    Expect.msg(
        app.post(null, "/auth/login", object("email", user.email(), "password", "wrong")),
        401,
        "Incorrect password.");
    Expect.msg(app.get(user.token(), "/user"), 401, "Token has been revoked");
    Expect.msg(app.get(user.token(), "/workspace"), 401, "Token has been revoked");
  }

  @Test
  void login_checksInOrder() {
    Expect.msg(app.post(null, "/auth/login", null), 400, "Missing JSON in request");
    Expect.msg(
        app.post(null, "/auth/login", object("email", "nobody@example.com")),
        400,
        "Missing email/password parameter");
  }
}
