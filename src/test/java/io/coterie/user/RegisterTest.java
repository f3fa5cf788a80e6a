package io.coterie.user;

import static org.hamcrest.Matchers.emptyOrNullString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import io.coterie.AppFixture;
import io.coterie.Expect;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegisterTest {

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
  void register_newUser_isCreated() {
    app.rest(null)
        .body("{\"email\":\"user@example.com\",\"password\":\"securepassword123\"}")
        .when()
        .post("/register")
        .then()
        .statusCode(200)
        .header("Content-Type", equalTo("application/json"))
        .header("X-Request-Id", not(emptyOrNullString()))
        .body(equalTo("{\"msg\":\"User created successfully\",\"email\":\"user@example.com\"}"));
  }

  @Test
  void register_takenEmail_isRefused() {
    app.login("taken@example.com");
    for (String same :
        new String[] {
          "taken@example.com",
          "TAKEN@Example.COM",
          "  taken@example.com ",
          "\\ttaken@example.com\\n"
        }) {
      app.rest(null)
          .body("{\"email\":\"" + same + "\",\"password\":\"p\"}")
          .when()
          .post("/register")
          .then()
          .statusCode(400)
          .body(equalTo("{\"msg\":\"User already exists\"}"));
    }
  }

  @Test
  void register_emailWithBlanksAround_isStoredTrimmedAsTyped() {
    app.rest(null)
        .body("{\"email\":\"  Mixed.Case@Example.com \",\"password\":\"p\"}")
        .when()
        .post("/register")
        .then()
        .statusCode(200)
        .body("email", equalTo("Mixed.Case@Example.com"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "@",
        "a@",
        "@b",
        "a@b@c",
        "a b@c",
        "a@b c",
        "a@.b",
        "a@b.",
        "a@b..c",
        "a\\n@b",
        "<a@b>@c d"
      })
  void register_noEmail_isInvalid(String email) {
    var body = "{\"email\":\"" + email + "\",\"password\":\"p\"}";
    Expect.msg(app.send(null, "POST", "/register", body, Map.of()), 400, "Invalid email");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a@b",
        "root@localhost",
        "first.last+tag@sub.example.co",
        "用户@例子.公司",
        "o'hara@x.y"
      })
  void register_anyLocalPartAndDomain_isAnEmail(String email) {
    var answer = app.post(null, "/register", AppFixture.object("email", email, "password", "p"));
    org.assertj.core.api.Assertions.assertThat(answer.response().body())
        .isEqualTo("{\"msg\":\"User created successfully\",\"email\":\"" + email + "\"}");
  }

  @Test
  void register_emailAtTheLimit_isTaken() {
    String email = "a".repeat(250) + "@b.c";
    var answer = app.post(null, "/register", AppFixture.object("email", email, "password", "p"));
    org.assertj.core.api.Assertions.assertThat(answer.status()).isEqualTo(200);
    var login = app.post(null, "/auth/login", AppFixture.object("email", email, "password", "p"));
    org.assertj.core.api.Assertions.assertThat(login.status()).isEqualTo(200);
  }

  @Test
  void register_passwordBelowTheOperatorsMinimum_isNamed() {
    try (AppFixture strict = AppFixture.start("auth.password.min-length=8")) {
      Expect.badField(
          strict.post(null, "/register", AppFixture.object("email", "a@b", "password", "1234567")),
          "password");
      org.assertj.core.api.Assertions.assertThat(
              strict
                  .post(
                      null, "/register", AppFixture.object("email", "a@b", "password", "12345678"))
                  .status())
          .isEqualTo(200);
    }
  }

  @Test
  void register_checksInOrder() {
    app.login("order@example.com");
    Expect.msg(app.post(null, "/register", null), 400, "Missing JSON in request");
    Expect.msg(
        app.post(null, "/register", AppFixture.object("email", "order@example.com")),
        400,
        "Missing email/password parameter");
  }
}
