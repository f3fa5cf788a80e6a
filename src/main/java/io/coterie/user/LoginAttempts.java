package io.coterie.user;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.coterie.http.ApiException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;

/**
 * Counts failed logins for one account from one address: after ten within a minute no further
 * password is tried until the oldest of them is a minute old. Thread-safe.
 */
final class LoginAttempts {

  private static final int MAX_FAILURES = 10;
  private static final long WINDOW_MILLIS = Duration.ofMinutes(1).toMillis();
  private static final int MAX_TRACKED = 100_000;

  private record Key(UUID userId, String address) {}

  private final Clock clock;
  private final Cache<Key, Deque<Long>> failures =
      Caffeine.newBuilder()
          .expireAfterWrite(Duration.ofMinutes(2))
          .maximumSize(MAX_TRACKED)
          .build();

  LoginAttempts(Clock clock) {
    this.clock = clock;
  }

  /** 429 where the account has failed too often from there. */
  void check(UUID userId, String address) {
    Deque<Long> times = failures.getIfPresent(new Key(userId, address));
    if (times == null) {
      return;
    }
    synchronized (times) {
      long now = clock.millis();
      forgetOld(times, now);
      if (times.size() >= MAX_FAILURES) {
        throw ApiException.tooManyRequests(
            Math.max(1, (times.getFirst() + WINDOW_MILLIS - now + 999) / 1000));
      }
    }
  }

  /** Counts one failure. */
  void failed(UUID userId, String address) {
    failures
        .asMap()
        .compute(
            new Key(userId, address),
            (key, old) -> {
              Deque<Long> times = old == null ? new ArrayDeque<>() : old;
              synchronized (times) {
                long now = clock.millis();
                forgetOld(times, now);
                times.addLast(now);
              }
              return times;
            });
  }

  private static void forgetOld(Deque<Long> times, long now) {
    while (!times.isEmpty() && times.getFirst() <= now - WINDOW_MILLIS) {
      times.removeFirst();
    }
  }
}
