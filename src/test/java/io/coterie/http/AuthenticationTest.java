package io.coterie.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.auth0.jwt.JWT;
import com.auth0.jwt.JWTCreator;
import com.auth0.jwt.algorithms.Algorithm;
import io.coterie.AppFixture;
import io.coterie.Expect;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Authorization header and the token in it. */
class AuthenticationTest {

  private static final String SECRET = "a secret of more than thirty-two characters, for tests";
  private static final String INVALID = "Invalid token";

  private static AppFixture app;
  private static AppFixture.Login user;

  @BeforeAll
  static void start() {
    app = AppFixture.start("auth.jwt.secret=" + SECRET, "auth.token.ttl=1h");
    user = app.login();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @Test
  void header_absent_isMissing() {
    for (String path : new String[] {"/user", "/workspace", "/chat", "/agent"}) {
      Expect.msg(app.get(null, path), 401, "Missing Authorization Header");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Basic dXNlcjpwYXNz",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer a.b.c",
        "Bearer ..",
        "garbage",
        "Bearer null",
        "Token x",
        "Bearer\tx",
        "Bearer {\"a\":1}"
      })
  void header_malformed_isInvalid(String header) {
    for (String path : new String[] {"/user", "/workspace"}) {
      Expect.msg(app.send(null, "GET", path, null, Map.of("Authorization", header)), 401, INVALID);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer ", "bearer ", "BEARER ", "Bearer   "})
  void scheme_inAnyCase_isTaken(String scheme) {
    var answer =
        app.send(null, "GET", "/user", null, Map.of("Authorization", scheme + user.token()));
    org.assertj.core.api.Assertions.assertThat(answer.status()).isEqualTo(200);
  }

  @Test
  void token_ofOurs_isTaken() {
    org.assertj.core.api.Assertions.assertThat(
            app.get(ours().sign(Algorithm.HMAC256(SECRET)), "/user").status())
        .isEqualTo(200);
  }

  @Test
  void token_ofAnotherSecret_isInvalid() {
    refused(ours().sign(Algorithm.HMAC256(SECRET + "!")));
  }

  @Test
  void token_ofAnotherAlgorithm_isInvalid() {
    refused(ours().sign(Algorithm.HMAC512(SECRET)));
    refused(ours().sign(Algorithm.HMAC384(SECRET)));
    refused(ours().sign(Algorithm.none()));
  }

  @Test
  void token_algNoneInAnySpelling_isInvalid() {
    String[] parts = user.token().split("\\.");
    for (String alg : new String[] {"none", "None", "NONE", "hs256", "RS256", ""}) {
      String header = base64("{\"alg\":\"" + alg + "\",\"typ\":\"JWT\"}");
      refused(header + "." + parts[1] + "." + parts[2]);
      refused(header + "." + parts[1] + ".");
    }
  }

  @Test
  void token_tampered_isInvalid() {
    String[] parts = user.token().split("\\.");
    String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
    refused(parts[0] + "." + base64(claims.replace("\"ver\":0", "\"ver\":1")) + "." + parts[2]);
    refused(parts[0] + "." + parts[1]);
    refused(user.token() + "x");
    refused(user.token() + ".x");
  }

  @Test
  void token_withoutItsClaims_isInvalid() {
    Instant now = app.clock().instant();
    Algorithm hs256 = Algorithm.HMAC256(SECRET);
    refused(JWT.create().sign(hs256));
    refused(JWT.create().withSubject(user.userId()).withClaim("ver", 0).sign(hs256));
    refused(JWT.create().withSubject(user.userId()).withExpiresAt(now.plusSeconds(9)).sign(hs256));
    refused(ours().withSubject("nobody").sign(hs256));
    refused(ours().withClaim("ver", "0").sign(hs256));
  }

  @Test
  void token_afterItsTime_isExpired() {
    String token = app.login().token();
    app.clock().advance(Duration.ofMinutes(61));
    for (String path : new String[] {"/user", "/workspace"}) {
      Expect.msg(app.get(token, path), 401, "Token has expired");
    }
    user = app.login();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 30, 3_600, 86_400 * 365})
  void token_afterTheClockWasSetBack_isStillGood(long seconds) {
    String token = app.login().token();
    app.clock().advance(Duration.ofSeconds(-seconds));
    try {
      assertThat(app.get(token, "/user").status()).isEqualTo(200);
      assertThat(app.get(token, "/workspace").status()).isEqualTo(200);
    } finally {
      app.clock().advance(Duration.ofSeconds(seconds));
    }
  }

  @Test
  void token_forLessThanASecond_isGoodForSomeTime() {
    try (AppFixture other = AppFixture.start("auth.token.ttl=1ms")) {
      String token = other.login().token();
      assertThat(other.get(token, "/user").status()).isEqualTo(200);
      other.clock().advance(Duration.ofSeconds(1));
      Expect.msg(other.get(token, "/user"), 401, "Token has expired");
    }
  }

  @Test
  void token_forAHundredYears_isGood() {
    try (AppFixture other = AppFixture.start("auth.token.ttl=36500d")) {
      String token = other.login().token();
      other.clock().advance(Duration.ofDays(36_499));
      assertThat(other.get(token, "/user").status()).isEqualTo(200);
    }
  }

  @Test
  void token_inTheQuery_isNotRead() {
    Expect.msg(
        app.get(null, "/user?access_token=" + user.token()), 401, "Missing Authorization Header");
  }

  @Test
  void authentication_comesBeforeBodyAndParameters() {
    String missing = "Missing Authorization Header";
    Expect.msg(app.send(null, "PUT", "/user", "no json", Map.of()), 401, missing);
    Expect.msg(app.send(null, "PUT", "/workspace/x/rename", "", Map.of()), 401, missing);
    Expect.msg(app.get(null, "/chat"), 401, missing);
    Expect.msg(app.get(null, "/workspace?limit=0"), 401, missing);
    Expect.msg(app.post("x", "/chat/message", null), 401, INVALID);
  }

  private static JWTCreator.Builder ours() {
    Instant now = app.clock().instant();
    return JWT.create()
        .withSubject(user.userId())
        .withClaim("ver", 0)
        .withIssuedAt(now)
        .withExpiresAt(now.plusSeconds(60));
  }

  private static void refused(String token) {
    Expect.msg(app.get(token, "/user"), 401, INVALID);
    Expect.msg(app.get(token, "/workspace"), 401, INVALID);
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A server of its own, so that both requests come over one connection. */
  @Test
  void token_inOtherLetterCase_isInvalidAfterTheRightOneToo() {
    try (AppFixture other = AppFixture.start()) {
      String token = other.login().token();
      String shouted = token.substring(0, token.length() - 20) + swapped(token, 20);
      assertThat(other.get(token, "/user").status()).isEqualTo(200);
      Expect.msg(other.get(shouted, "/user"), 401, INVALID);
      assertThat(other.get(token, "/user").status()).isEqualTo(200);
    }
  }

  /** The last characters, upper case for lower and lower for upper. */
  private static String swapped(String text, int length) {
    StringBuilder swapped = new StringBuilder();
    text.substring(text.length() - length)
        .chars()
        .map(c -> Character.isLowerCase(c) ? Character.toUpperCase(c) : Character.toLowerCase(c))
        .forEach(c -> swapped.append((char) c));
    return swapped.toString();
  }
}
