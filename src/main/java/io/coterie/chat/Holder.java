package io.coterie.chat;

import io.coterie.http.Principal;
import java.util.UUID;

/**
 * What somebody got in with: the login of a user, or one of their API keys. What was opened with it
 * ends when it is revoked. Immutable.
 *
 * @param keyId null for a login
 */
public record Holder(UUID userId, UUID keyId) {

  static Holder of(Principal principal) {
    return new Holder(principal.userId(), principal.keyId());
  }
}
