package io.coterie.chat;

import io.coterie.http.Principal;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

/**
 * What somebody got in with: the login of a user, or one of their API keys. What was opened with it
 * ends when it is revoked, or when its time is over. Immutable.
 *
 * @param keyId null for a login
 * @param expiresAt when its time is over; null for never
 */
public record Holder(UUID userId, UUID keyId, Instant expiresAt) {

  static Holder of(Principal principal) {
    return new Holder(principal.userId(), principal.keyId(), principal.expiresAt());
  }

  /** Whether it is that key of that user, or, with no key, any login of that user. */
  boolean is(UUID user, UUID key) {
    return userId.equals(user) && Objects.equals(keyId, key);
  }
}
