package io.coterie.chat;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * Strings that open one thing once. Whoever presents one first uses it up, whatever they present it
 * for.
 *
 * <p>Implementations are thread-safe: of two that present a string at the same time, one gets it.
 */
public interface OneTimeStrings {

  /** What a string opens. One kind never passes for the other. */
  enum Kind {
    CONNECTION,
    MESSAGE
  }

  /**
   * What a string was issued for.
   *
   * @param holder who asked for it
   */
  record Grant(Kind kind, UUID chatId, Holder holder, Instant createdAt, Instant expiresAt) {}

  /**
   * A new string that cannot be guessed, good from now until its kind's time is over, or the
   * holder's where that comes first.
   */
  Issued issue(Kind kind, UUID chatId, Holder holder);

  /** A string and what it is good for. */
  record Issued(String value, Grant grant) {}

  /** Uses the string up; empty unless it is of that kind, for that chat, unused and not expired. */
  Optional<Grant> redeem(Kind kind, UUID chatId, String value);

  /**
   * Voids what was issued to a key, or to the logins of a user.
   *
   * @param keyId null for the logins
   */
  void revoke(UUID userId, UUID keyId);
}
