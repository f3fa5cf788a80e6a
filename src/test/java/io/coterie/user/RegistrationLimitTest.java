package io.coterie.user;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AllAtOnce;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.Expect;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Twenty new accounts from one address within an hour, and no more. */
class RegistrationLimitTest {

  private static final String ADDRESS = "198.51.100.1";

  private AppFixture app;

  @BeforeEach
  void start() {
    app = AppFixture.start("server.trusted-proxies=127.0.0.1", "auth.registration.max-per-hour=20");
  }

  @AfterEach
  void stop() {
    app.close();
  }

  @Test
  void register_moreThanTwenty_isRefusedUntilTheHourIsOver() {
    for (int i = 0; i < 20; i++) {
      assertThat(register(ADDRESS, email()).status()).isEqualTo(200);
      app.clock().advance(Duration.ofMinutes(1));
    }
    refused(register(ADDRESS, email()), 40 * 60);
    assertThat(register("198.51.100.2", email()).status()).isEqualTo(200);

    app.clock().advance(Duration.ofMinutes(40).minusSeconds(1));
    refused(register(ADDRESS, email()), 1);
    app.clock().advance(Duration.ofSeconds(1));
    assertThat(register(ADDRESS, email()).status()).isEqualTo(200);
    refused(register(ADDRESS, email()), 60);
  }

  @Test
  void register_fiftyAtOnce_twentyAreMade() throws Exception {
    List<Callable<Integer>> calls =
        IntStream.range(0, 50)
            .<Callable<Integer>>mapToObj(i -> () -> register(ADDRESS, email()).status())
            .toList();
    List<Integer> statuses = AllAtOnce.call(calls);
    assertThat(statuses).containsOnly(200, 429);
    assertThat(Collections.frequency(statuses, 200)).isEqualTo(20);
  }

  @Test
  void register_whatMakesNoAccount_isNotCountedAndToldOfFirst() {
    String taken = email();
    register("198.51.100.2", taken);
    for (int i = 0; i < 25; i++) {
      Expect.msg(register(ADDRESS, taken), 400, "User already exists");
      Expect.msg(register(ADDRESS, "none"), 400, "Invalid email");
    }
    for (int i = 0; i < 20; i++) {
      assertThat(register(ADDRESS, email()).status()).isEqualTo(200);
    }
    refused(register(ADDRESS, email()), 60 * 60);
    Expect.msg(register(ADDRESS, taken), 400, "User already exists");
    Expect.msg(register(ADDRESS, "none"), 400, "Invalid email");
    Expect.msg(app.post(null, "/register", null), 400, "Missing JSON in request");
  }

  @Test
  void register_oneEmailOftenAtOnce_countsOnce() throws Exception {
    String email = email();
    List<Callable<Integer>> calls =
        Collections.nCopies(30, () -> register(ADDRESS, email).status());
    assertThat(Collections.frequency(AllAtOnce.call(calls), 200)).isEqualTo(1);
    for (int i = 1; i < 20; i++) {
      assertThat(register(ADDRESS, email()).status()).isEqualTo(200);
    }
    refused(register(ADDRESS, email()), 60 * 60);
  }

  @Test
  void register_aClockSetBack_locksNobodyOut() {
    for (int i = 0; i < 20; i++) {
      register(ADDRESS, email());
    }
    app.clock().advance(Duration.ofHours(-5));
    assertThat(register(ADDRESS, email()).status()).isEqualTo(200);
  }

  @Test
  void register_withAnotherLimit_keepsToThat() {
    try (AppFixture other = AppFixture.start("auth.registration.max-per-hour=2")) {
      other.login();
      other.login();
      refused(other.post(null, "/register", object("email", email(), "password", "p")), 60 * 60);
    }
  }

  @Test
  void register_noLimit_hasNone() {
    try (AppFixture other = AppFixture.start("auth.registration.max-per-hour=0")) {
      for (int i = 0; i < 25; i++) {
        Answer made = other.post(null, "/register", object("email", email(), "password", "p"));
        assertThat(made.status()).isEqualTo(200);
      }
    }
  }

  private static String email() {
    return UUID.randomUUID() + "@example.com";
  }

  private Answer register(String address, String email) {
    String body = object("email", email, "password", "p").toString();
    return app.send(null, "POST", "/register", body, Map.of("X-Forwarded-For", address));
  }

  private static void refused(Answer answer, int seconds) {
    Expect.msg(answer, 429, "Too many requests");
    assertThat(answer.response().headers().firstValue("Retry-After"))
        .contains(Integer.toString(seconds));
  }
}
