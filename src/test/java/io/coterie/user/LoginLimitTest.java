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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Ten failed logins for one account, or thirty for any, from one address within a minute, and no
 * more are tried.
 */
class LoginLimitTest {

  private static final AtomicInteger ADDRESSES = new AtomicInteger();

  private static AppFixture app;

  /** Else what one test does wrong from this machine's own address would count in the next. */
  @BeforeEach
  void passAMinute() {
    app.clock().advance(Duration.ofMinutes(1));
  }

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
    assertThat(statuses).containsOnly(401, 429);
    assertThat(Collections.frequency(statuses, 401)).isEqualTo(10);
  }

  @Test
  void login_failuresForManyAccounts_countTogether() throws Exception {
    String address = address();
    List<Login> users = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      users.add(app.login());
    }
    List<Callable<Integer>> calls = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Login user = users.get(i % users.size());
      calls.add(() -> login(user, "wrong", address).status());
    }
    List<Integer> statuses = AllAtOnce.call(calls);
    assertThat(statuses).containsOnly(401, 429);
    assertThat(Collections.frequency(statuses, 401)).isEqualTo(30);

    Login another = app.login();
    refused(login(another, AppFixture.password(), address));
    assertThat(login(another, AppFixture.password(), address()).status()).isEqualTo(200);
    Login nobody = new Login("", "nobody@example.com", "");
    Expect.msg(login(nobody, "wrong", address), 404, "User not found");
    app.clock().advance(Duration.ofMinutes(1));
    assertThat(login(another, AppFixture.password(), address).status()).isEqualTo(200);
  }

  @Test
  void login_rightOnes_areNotCounted() {
    String address = address();
    Login user = app.login();
    for (int i = 0; i < 32; i++) {
      assertThat(login(user, AppFixture.password(), address).status()).isEqualTo(200);
    }
    assertThat(login(user, "wrong", address).status()).isEqualTo(401);
  }

  @Test
  void login_unknownAccounts_areNotCounted() {
    String address = address();
    for (int i = 0; i < 40; i++) {
      Login nobody = new Login("", "nobody" + i + "@example.com", "");
      Expect.msg(login(nobody, "wrong", address), 404, "User not found");
    }
    assertThat(login(app.login(), "wrong", address).status()).isEqualTo(401);
  }

  @Test
  void login_oneNetworkOfIpv6_isOneAddress() {
    Login user = app.login();
    for (int i = 0; i < 10; i++) {
      assertThat(login(user, "wrong", "2001:db8:1:2:" + i + "::" + i).status()).isEqualTo(401);
    }
    refused(login(user, AppFixture.password(), "2001:db8:1:2:ffff:ffff:ffff:ffff"));
    refused(login(user, AppFixture.password(), "2001:0DB8:1:2::"));
    assertThat(login(user, "wrong", "2001:db8:1:3::1").status()).isEqualTo(401);
    assertThat(login(user, "wrong", "2001:db8:1::1").status()).isEqualTo(401);
  }

  @Test
  void login_neighboursOfIpv4_areNotOneAddress() {
    Login user = app.login();
    for (int i = 0; i < 25; i++) {
      assertThat(login(user, "wrong", "203.0.113." + i).status()).isEqualTo(401);
      assertThat(login(user, "wrong", "::ffff:203.0.113." + (100 + i)).status()).isEqualTo(401);
    }
  }

  @Test
  void login_afterAClockWasSetBack_isHeldUpForNoLongerThanAMinute() {
    String address = address();
    Login user = app.login();
    for (int i = 0; i < 10; i++) {
      login(user, "wrong", address);
    }
    app.clock().advance(Duration.ofHours(-3));
    assertThat(login(user, AppFixture.password(), address).status()).isEqualTo(200);
    app.clock().advance(Duration.ofHours(3));
  }

  @Test
  void login_withAnotherLimit_keepsToThat() {
    try (AppFixture other = AppFixture.start("auth.login.max-failures=3")) {
      Login user = other.login();
      var wrong = object("email", user.email(), "password", "wrong");
      for (int i = 0; i < 3; i++) {
        Expect.msg(other.post(null, "/auth/login", wrong), 401, "Incorrect password.");
      }
      refused(other.post(null, "/auth/login", wrong));
    }
    try (AppFixture other = AppFixture.start("auth.login.max-failures=0")) {
      for (int i = 0; i < 32; i++) {
        var wrong = object("email", other.login().email(), "password", "wrong");
        Expect.msg(other.post(null, "/auth/login", wrong), 401, "Incorrect password.");
      }
    }
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

  private static Answer login(Login user, String password, String address) {
    String body = object("email", user.email(), "password", password).toString();
    return app.send(null, "POST", "/auth/login", body, Map.of("X-Forwarded-For", address));
  }

  /** One that no other test uses. */
  private static String address() {
    return "198.51.100." + ADDRESSES.incrementAndGet();
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
