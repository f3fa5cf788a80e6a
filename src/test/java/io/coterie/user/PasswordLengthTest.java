package io.coterie.user;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.Expect;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** bcrypt reads 72 bytes and no more; nothing is ever cut to fit. */
class PasswordLengthTest {

  private static final String LONGEST = "x".repeat(72);

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
  void register_73Bytes_isRefused() {
    Expect.badField(register("a@long.example", LONGEST + "x"), "password");
    Expect.badField(register("a@long.example", "€".repeat(24) + "x"), "password");
    Expect.badField(register("a@long.example", "x".repeat(10_000)), "password");
    assertThat(login("a@long.example", LONGEST)).isEqualTo(404);
  }

  @Test
  void register_72Bytes_countsEveryByte() {
    assertThat(register("b@long.example", LONGEST).status()).isEqualTo(200);
    assertThat(login("b@long.example", LONGEST)).isEqualTo(200);
    assertThat(login("b@long.example", "x".repeat(71))).isEqualTo(401);
    assertThat(login("b@long.example", "x".repeat(71) + "y")).isEqualTo(401);
  }

  @Test
  void login_longerThan72Bytes_isIncorrectNotCut() {
    register("c@long.example", LONGEST);
    Expect.msg(
        app.post(null, "/auth/login", object("email", "c@long.example", "password", LONGEST + "x")),
        401,
        "Incorrect password.");
  }

  @Test
  void register_72BytesOfWideCharacters_works() {
    String password = "€".repeat(24);
    assertThat(register("d@long.example", password).status()).isEqualTo(200);
    assertThat(login("d@long.example", password)).isEqualTo(200);
    assertThat(login("d@long.example", "€".repeat(23) + "¥")).isEqualTo(401);
  }

  @Test
  void change_73Bytes_isRefusedAndTheOldOneStays() {
    var user = app.login();
    Expect.badField(
        app.put(
            user.token(),
            "/user/password",
            object("current_password", AppFixture.password(), "new_password", LONGEST + "x")),
        "new_password");
    assertThat(login(user.email(), AppFixture.password())).isEqualTo(200);
    Expect.msg(
        app.put(
            user.token(),
            "/user/password",
            object("current_password", LONGEST + "x", "new_password", "n")),
        401,
        "Incorrect password.");
  }

  private static AppFixture.Answer register(String email, String password) {
    return app.post(null, "/register", object("email", email, "password", password));
  }

  private static int login(String email, String password) {
    return app.post(null, "/auth/login", object("email", email, "password", password)).status();
  }
}
