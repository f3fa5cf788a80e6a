package io.coterie.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import io.coterie.Expect;
import io.coterie.MutableClock;
import io.coterie.http.ApiException;
import io.coterie.http.Authentication;
import io.coterie.http.Principal;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** How many requests a user may make in a minute. */
class RequestQuotaTest {

  private final MutableClock clock = new MutableClock();

  private Authentication.Verifier limited(int perMinute, UUID userId) {
    return new RequestQuota(perMinute, clock)
        .limiting(token -> Principal.user(userId, false, null));
  }

  @Test
  void requests_aboveTheQuota_areRefusedUntilTheMinuteIsOver() {
    try (AppFixture app = AppFixture.start("quota.user.requests-per-minute=3")) {
      Login user = app.login();
      Login other = app.login();
      // Logging in has asked once for the user.
      assertThat(app.get(user.token(), "/workspace").status()).isEqualTo(200);
      app.clock().advance(Duration.ofSeconds(20));
      assertThat(app.get(user.token(), "/chat?chat_id=x").status()).isEqualTo(404);
      var refused = app.get(user.token(), "/workspace");
      Expect.msg(refused, 429, "Too many requests");
      assertThat(refused.response().headers().firstValue("Retry-After")).hasValue("40");
      assertThat(app.get(other.token(), "/workspace").status()).isEqualTo(200);
      assertThat(app.get(null, "/ping").status()).isEqualTo(200);
      app.clock().advance(Duration.ofSeconds(40));
      assertThat(app.get(user.token(), "/workspace").status()).isEqualTo(200);
    }
  }

  @Test
  void requests_withoutAQuota_passWithoutEnd() {
    Authentication.Verifier verifier = limited(0, UUID.randomUUID());
    for (int i = 0; i < 10_000; i++) {
      assertThat(verifier.verify("x").exists()).isTrue();
    }
  }

  @Test
  void requests_refused_doNotProlongTheWait() {
    Authentication.Verifier verifier = limited(1, UUID.randomUUID());
    verifier.verify("x");
    for (int i = 0; i < 59; i++) {
      clock.advance(Duration.ofSeconds(1));
      assertThatThrownBy(() -> verifier.verify("x")).isInstanceOf(ApiException.class);
    }
    clock.advance(Duration.ofSeconds(1));
    assertThatCode(() -> verifier.verify("x")).doesNotThrowAnyException();
  }

  @Test
  void clock_setBack_locksNobodyOut() {
    Authentication.Verifier verifier = limited(1, UUID.randomUUID());
    verifier.verify("x");
    clock.advance(Duration.ofHours(-5));
    assertThatCode(() -> verifier.verify("x")).doesNotThrowAnyException();
  }
}
