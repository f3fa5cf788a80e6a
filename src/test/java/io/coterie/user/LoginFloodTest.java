package io.coterie.user;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hashing is slow on purpose; a flood of it slows nobody else down. */
class LoginFloodTest {

  private static final Logger log = LoggerFactory.getLogger(LoginFloodTest.class);
  private static final int LOGINS = 200;

  @Test
  void ping_duringAFloodOfLogins_staysQuick() {
    try (AppFixture app = AppFixture.start()) {
      var user = app.login();
      String body = object("email", user.email(), "password", AppFixture.password()).toString();
      HttpRequest login =
          HttpRequest.newBuilder(URI.create(app.url() + "/auth/login"))
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      HttpClient client = HttpClient.newHttpClient();
      List<CompletableFuture<Integer>> logins = new ArrayList<>();
      for (int i = 0; i < LOGINS; i++) {
        logins.add(
            client
                .sendAsync(login, HttpResponse.BodyHandlers.discarding())
                .thenApply(HttpResponse::statusCode));
      }
      CompletableFuture<Void> all =
          CompletableFuture.allOf(logins.toArray(CompletableFuture[]::new));
      long slowest = 0;
      int pings = 0;
      while (!all.isDone()) {
        long start = System.nanoTime();
        assertThat(app.get(null, "/ping").status()).isEqualTo(200);
        slowest = Math.max(slowest, System.nanoTime() - start);
        pings++;
      }
      all.orTimeout(60, TimeUnit.SECONDS).join();
      log.info("{} pings beside {} logins, the slowest {} ms", pings, LOGINS, slowest / 1_000_000);
      assertThat(pings).isGreaterThan(20);
      assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(1));
      assertThat(logins).allSatisfy(status -> assertThat(status.join()).isEqualTo(200));
    }
  }
}
