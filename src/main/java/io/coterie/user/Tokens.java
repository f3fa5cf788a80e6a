package io.coterie.user;

import com.auth0.jwt.JWT;
import com.auth0.jwt.JWTVerifier;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.exceptions.JWTVerificationException;
import com.auth0.jwt.exceptions.TokenExpiredException;
import com.auth0.jwt.interfaces.DecodedJWT;
import io.coterie.http.ApiException;
import io.coterie.http.Authentication;
import io.coterie.http.Principal;
import io.coterie.storage.Ids;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;

/**
 * Makes and checks the access tokens of login: JWT (RFC 7519) signed with HS256. A token names the
 * version of its user's credentials, which a password change raises; whole-second {@code iat} times
 * could not tell two of them apart. For the same reason {@code iat} says when a token was made and
 * decides nothing: a clock that was set back since then must not void it. Thread-safe.
 */
final class Tokens implements Authentication.Verifier {

  private static final String VERSION = "ver";

  private final UserDao users;
  private final Algorithm algorithm;
  private final JWTVerifier verifier;
  private final Clock clock;
  private final Duration ttl;

  Tokens(UserDao users, String secret, Duration ttl, Clock clock) {
    this.users = users;
    this.algorithm = Algorithm.HMAC256(secret);
    this.verifier =
        ((JWTVerifier.BaseVerification) JWT.require(algorithm).ignoreIssuedAt()).build(clock);
    this.clock = clock;
    this.ttl = ttl;
  }

  String issue(User user) {
    Instant now = clock.instant();
    return JWT.create()
        .withSubject(user.userId().toString())
        .withClaim(VERSION, user.tokenVersion())
        .withIssuedAt(now)
        .withExpiresAt(wholeSecondsUp(now.plus(ttl)))
        .sign(algorithm);
  }

  @Override
  public Principal verify(String token) {
    DecodedJWT jwt = decode(token);
    UUID userId = Ids.parse(jwt.getSubject()).orElseThrow(Tokens::invalid);
    Integer version = jwt.getClaim(VERSION).asInt();
    Instant expiresAt = jwt.getExpiresAtAsInstant();
    if (version == null || expiresAt == null) {
      throw invalid();
    }
    if (!clock.instant().isBefore(expiresAt)) {
      // The library lets one pass in the very second of its end.
      throw expired();
    }
    Optional<User> user = users.find(userId);
    if (user.isEmpty()) {
      return Principal.gone(userId);
    }
    if (user.get().disabled() || user.get().tokenVersion() != version) {
      throw ApiException.unauthorized("Token has been revoked");
    }
    return Principal.user(userId, user.get().role().equals(User.ADMIN), expiresAt);
  }

  private DecodedJWT decode(String token) {
    try {
      return verifier.verify(token);
    } catch (TokenExpiredException e) {
      throw expired();
    } catch (JWTVerificationException | IllegalArgumentException e) {
      throw invalid();
    }
  }

  /** A token has whole seconds; one for less than that is good for some time all the same. */
  private static Instant wholeSecondsUp(Instant time) {
    return time.plusNanos(999_999_999).truncatedTo(ChronoUnit.SECONDS);
  }

  static ApiException expired() {
    return ApiException.unauthorized("Token has expired");
  }

  private static ApiException invalid() {
    return ApiException.unauthorized("Invalid token");
  }
}
