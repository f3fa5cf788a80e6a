package io.coterie.user;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AllAtOnce;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import io.coterie.Expect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Ten failed logins for one account from one address within a minute, and no more are tried. */
class LoginLimitTest {

  private static AppFixture app;

  @BeforeAll
  static void start() {
    app = AppFixture.start("server.trusted-proxies=127.0.0.1");
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @Test
  void login_afterTenFailures_isRefusedUntilTheMinuteIsOver() {
    Login user = app.login();
    Login other = app.login();
    for (int i = 0; i < 10; i++) {
      Expect.msg(login(user, "wrong"), 401, "Incorrect password.");
    }
    long start = System.nanoTime();
    for (int i = 0; i < 50; i++) {
      refused(login(user, i % 2 == 0 ? "wrong" : AppFixture.password()));
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .as("50 refusals, none of which hashes")
        .isLessThan(Duration.ofSeconds(3));
    assertThat(login(other, AppFixture.password()).status()).isEqualTo(200);

    app.clock().advance(Duration.ofSeconds(59));
    refused(login(user, AppFixture.password()));
    app.clock().advance(Duration.ofSeconds(1));
    assertThat(login(user, AppFixture.password()).status()).isEqualTo(200);
  }

  @Test
  void login_failuresSpreadOverMinutes_areNotCountedTogether() {
    Login user = app.login();
    for (int i = 0; i < 25; i++) {
      assertThat(login(user, "wrong").status()).isEqualTo(401);
      app.clock().advance(Duration.ofSeconds(7));
    }
    assertThat(login(user, AppFixture.password()).status()).isEqualTo(200);
  }

  @Test
  void login_emailInOtherSpellings_isOneAccount() {
    Login user = app.login("spelling-" + System.nanoTime() + "@example.com");
    for (int i = 0; i < 10; i++) {
      String email = i % 2 == 0 ? user.email().toUpperCase(java.util.Locale.ROOT) : user.email();
      app.post(null, "/auth/login", object("email", email, "password", "wrong"));
    }
    refused(login(user, "wrong"));
  }

  @Test
  void password_askedForElsewhere_countsAsWell() {
    Login user = app.login();
    for (int i = 0; i < 5; i++) {
      Expect.msg(
          app.delete(user.token(), "/user", object("password", "wrong")),
          401,
          "Incorrect password.");
      Expect.msg(
          app.put(
              user.token(),
              "/user/password",
              object("current_password", "wrong", "new_password", "n")),
          401,
          "Incorrect password.");
    }
    refused(app.delete(user.token(), "/user", object("password", AppFixture.password())));
    refused(login(user, AppFixture.password()));
  }

  @Test
  void login_wrongOnesAllAtOnce_doNotGetPastTheLimit() throws Exception {
    Login user = app.login();
    List<Callable<Integer>> calls = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      calls.add(() -> login(user, "wrong").status());
    }
    List<Integer> statuses = AllAtOnce.call(calls);
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    assertThat(statuses).containsOnly(401, 429);
    assertThat(statuses.stream().filter(s -> s == 401).count()).isBetween(10L, 10L + threads - 1);
  }

  @Test
  void login_rightOnesAllAtOnce_areAllTaken() throws Exception {
    Login user = app.login();
    List<Callable<Integer>> calls = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      calls.add(() -> login(user, AppFixture.password()).status());
    }
    assertThat(AllAtOnce.call(calls)).containsOnly(200);
  }

  private static Answer login(Login user, String password) {
    return app.post(null, "/auth/login", object("email", user.email(), "password", password));
  }

  private static void refused(Answer answer) {
    Expect.msg(answer, 429, "Too many requests");
    assertThat(
            Integer.parseInt(answer.response().headers().firstValue("Retry-After").orElseThrow()))
        .isBetween(1, 60);
  }
}
