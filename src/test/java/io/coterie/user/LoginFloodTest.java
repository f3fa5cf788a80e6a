package io.coterie.user;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hashing is slow on purpose; a flood of it slows nobody else down. */
class LoginFloodTest {

  private static final Logger log = LoggerFactory.getLogger(LoginFloodTest.class);
  private static final int LOGINS = 200;
  private static final int REGISTRATIONS = 700;
  private static final int ACCOUNTS = 150;
  private static final int TRIALS = 7;

  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void ping_duringAFloodOfLogins_staysQuick() {
    try (AppFixture app = AppFixture.start()) {
      Login user = app.login();
      long alone = 0;
      for (int i = 0; i < LOGINS; i++) {
        alone = Math.max(alone, ping(app));
      }
      List<CompletableFuture<Integer>> logins = new ArrayList<>();
      for (int i = 0; i < LOGINS; i++) {
        logins.add(send(app, "/auth/login", credentials(user.email(), AppFixture.password()), ""));
      }
      CompletableFuture<Void> all = all(logins);
      long slowest = 0;
      int pings = 0;
      while (!all.isDone()) {
        slowest = Math.max(slowest, ping(app));
        pings++;
      }
      all.orTimeout(60, TimeUnit.SECONDS).join();
      log.info("{} pings beside {} logins, the slowest {} ms", pings, LOGINS, slowest / 1_000_000);
      assertThat(pings).isGreaterThan(20);
      assertThat(Duration.ofNanos(slowest))
          .isLessThan(Duration.ofSeconds(1).plus(Duration.ofNanos(10 * alone)));
      assertThat(logins).allSatisfy(status -> assertThat(status.join()).isEqualTo(200));
    }
  }

  private static long ping(AppFixture app) {
    long start = System.nanoTime();
    assertThat(app.get(null, "/ping").status()).isEqualTo(200);
    return System.nanoTime() - start;
  }

  @Test
  void login_besideAFloodOfRightOnesFromElsewhere_staysQuick() {
    try (AppFixture app = AppFixture.start("server.trusted-proxies=127.0.0.1")) {
      Login user = app.login();
      Login flooder = app.login();
      long alone = median(app, user);
      List<CompletableFuture<Integer>> flood = new ArrayList<>();
      for (int i = 0; i < LOGINS / 2; i++) {
        var body = credentials(flooder.email(), AppFixture.password());
        flood.add(send(app, "/auth/login", body, "198.51.100.1"));
      }
      quick("logins", app, user, alone, flood);
      assertThat(flood).allSatisfy(status -> assertThat(status.join()).isEqualTo(200));
    }
  }

  @Test
  void login_besideAFloodOfRegistrationsFromElsewhere_staysQuick() {
    try (AppFixture app =
        AppFixture.start("server.trusted-proxies=127.0.0.1", "auth.registration.max-per-hour=20")) {
      Login user = app.login();
      long alone = median(app, user);
      List<CompletableFuture<Integer>> flood = new ArrayList<>();
      for (int i = 0; i < REGISTRATIONS; i++) {
        var body = credentials("new" + i + "@example.com", "p");
        flood.add(send(app, "/register", body, "2001:db8::" + Integer.toHexString(i)));
      }
      quick("registrations", app, user, alone, flood);
      assertThat(flood.stream().filter(status -> status.join() == 200)).hasSize(20);
      assertThat(flood.stream().filter(status -> status.join() == 429)).hasSize(REGISTRATIONS - 20);
    }
  }

  @Test
  void login_besideWrongOnesForManyAccountsFromElsewhere_staysQuick() {
    try (AppFixture app = AppFixture.start("server.trusted-proxies=127.0.0.1")) {
      Login user = app.login();
      app.sql(
          """
          INSERT INTO users
            (user_id, email, email_key, password_hash, role, disabled, token_version, created_at)
          SELECT RANDOM_UUID(), 'u' || x || '@example.com', 'u' || x || '@example.com',
            password_hash, 'user', FALSE, 0, created_at
          FROM users, SYSTEM_RANGE(1, 150)
          """);
      long alone = median(app, user);
      List<CompletableFuture<Integer>> flood = new ArrayList<>();
      for (int i = 1; i <= ACCOUNTS; i++) {
        var body = credentials("u" + i + "@example.com", "wrong");
        flood.add(send(app, "/auth/login", body, "198.51.100.1"));
      }
      quick("wrong logins", app, user, alone, flood);
      assertThat(flood.stream().filter(status -> status.join() == 401)).hasSize(30);
      assertThat(flood.stream().filter(status -> status.join() == 429)).hasSize(ACCOUNTS - 30);
    }
  }

  /**
   * In turn with all others, a login waits for one hash at most, where it would wait for a hundred
   * and more if it were last in one queue.
   */
  private void quick(
      String what, AppFixture app, Login user, long alone, List<CompletableFuture<Integer>> flood) {
    long[] beside = logins(app, user);
    boolean over = all(flood).isDone();
    long slowest = Arrays.stream(beside).max().orElseThrow();
    all(flood).orTimeout(120, TimeUnit.SECONDS).join();
    log.info(
        "A login takes {} ms alone, beside {} {} at most {} ms{}",
        alone / 1_000_000,
        flood.size(),
        what,
        slowest / 1_000_000,
        over ? ", which were over before" : "");
    assertThat(slowest).isLessThan(10 * alone + TimeUnit.SECONDS.toNanos(1));
  }

  private static long median(AppFixture app, Login user) {
    long[] times = logins(app, user);
    Arrays.sort(times);
    return times[TRIALS / 2];
  }

  private static long[] logins(AppFixture app, Login user) {
    long[] times = new long[TRIALS];
    for (int i = 0; i < TRIALS; i++) {
      long start = System.nanoTime();
      String body = credentials(user.email(), AppFixture.password()).toString();
      var headers = Map.of("X-Forwarded-For", "203.0.113.7");
      assertThat(app.send(null, "POST", "/auth/login", body, headers).status()).isEqualTo(200);
      times[i] = System.nanoTime() - start;
    }
    return times;
  }

  private static JsonNode credentials(String email, String password) {
    return object("email", email, "password", password);
  }

  private CompletableFuture<Integer> send(
      AppFixture app, String path, JsonNode body, String address) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(app.url() + path))
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
    if (!address.isEmpty()) {
      request.header("X-Forwarded-For", address);
    }
    return client
        .sendAsync(request.build(), HttpResponse.BodyHandlers.discarding())
        .thenApply(HttpResponse::statusCode);
  }

  private static CompletableFuture<Void> all(List<CompletableFuture<Integer>> futures) {
    return CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new));
  }
}
