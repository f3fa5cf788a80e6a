package io.coterie.usage;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.coterie.http.ApiException;
import io.coterie.http.Authentication;
import io.coterie.http.Principal;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;

/**
 * How many requests each user may make in a minute, whatever tokens they use. A minute begins with
 * the first request after the one before has ended; those refused do not count. Thread-safe.
 */
public final class RequestQuota {

  private static final long WINDOW_MILLIS = Duration.ofMinutes(1).toMillis();
  private static final int MAX_TRACKED = 100_000;

  private record Window(long start, int count) {}

  private final int perMinute;
  private final Clock clock;
  private final Cache<UUID, Window> windows =
      Caffeine.newBuilder()
          .expireAfterWrite(Duration.ofMinutes(2))
          .maximumSize(MAX_TRACKED)
          .build();

  /**
   * @param perMinute 0 for no limit
   */
  public RequestQuota(int perMinute, Clock clock) {
    this.perMinute = perMinute;
    this.clock = clock;
  }

  /** Counts each request whose token passes, and refuses those above the limit with 429. */
  public Authentication.Verifier limiting(Authentication.Verifier verifier) {
    if (perMinute == 0) {
      return verifier;
    }
    return token -> {
      Principal principal = verifier.verify(token);
      count(principal.userId());
      return principal;
    };
  }

  private void count(UUID userId) {
    long now = clock.millis();
    Window window =
        windows
            .asMap()
            .compute(
                userId,
                (id, old) ->
                    old == null || now < old.start() || now - old.start() >= WINDOW_MILLIS
                        ? new Window(now, 1)
                        : new Window(old.start(), Math.min(old.count(), perMinute) + 1));
    if (window.count() > perMinute) {
      throw ApiException.tooManyRequests(
          Math.max(1, (window.start() + WINDOW_MILLIS - now + 999) / 1000));
    }
  }
}
