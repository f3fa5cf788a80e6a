package io.coterie.chat;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;

/** {@link OneTimeStrings} in this process's memory: a restart voids them. */
public final class CaffeineOneTimeStrings implements OneTimeStrings {

  /**
   * Beyond this many unused strings some are forgotten, so that asking for strings cannot fill the
   * memory.
   */
  private static final int MAX_UNUSED = 100_000;

  private static final int BYTES = 32;

  private final SecureRandom random = new SecureRandom();
  private final Clock clock;
  private final Duration connectionTtl;
  private final Duration messageTtl;
  private final Cache<String, Grant> unused;

  public CaffeineOneTimeStrings(Clock clock, Duration connectionTtl, Duration messageTtl) {
    this.clock = clock;
    this.connectionTtl = connectionTtl;
    this.messageTtl = messageTtl;
    this.unused =
        Caffeine.newBuilder()
            .maximumSize(MAX_UNUSED)
            .ticker(() -> Duration.between(Instant.EPOCH, clock.instant()).toNanos())
            .expireAfter(Expiry.<String, Grant>creating((key, grant) -> lifetime(grant)))
            .build();
  }

  @Override
  public Issued issue(Kind kind, UUID chatId, Holder holder) {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    String value = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Grant grant = new Grant(kind, chatId, holder, now, end(kind, holder, now));
    unused.put(value, grant);
    return new Issued(value, grant);
  }

  @Override
  public Optional<Grant> redeem(Kind kind, UUID chatId, String value) {
    return Optional.ofNullable(unused.asMap().remove(value))
        .filter(grant -> clock.instant().isBefore(grant.expiresAt()))
        .filter(grant -> grant.kind() == kind && grant.chatId().equals(chatId));
  }

  @Override
  public void revoke(UUID userId, UUID keyId) {
    unused.asMap().values().removeIf(grant -> grant.holder().is(userId, keyId));
  }

  /** How many strings are good. */
  public long unused() {
    unused.cleanUp();
    return unused.estimatedSize();
  }

  private Instant end(Kind kind, Holder holder, Instant now) {
    Instant end = now.plus(kind == Kind.CONNECTION ? connectionTtl : messageTtl);
    Instant ofHolder = holder.expiresAt();
    return ofHolder != null && ofHolder.isBefore(end) ? ofHolder : end;
  }

  /** None where the holder's time was over when the string was made. */
  private static Duration lifetime(Grant grant) {
    Duration time = Duration.between(grant.createdAt(), grant.expiresAt());
    return time.isNegative() ? Duration.ZERO : time;
  }
}
