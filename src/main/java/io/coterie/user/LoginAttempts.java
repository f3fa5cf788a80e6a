package io.coterie.user;

import io.coterie.http.ApiException;
import io.coterie.http.SlidingWindow;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;

/**
 * Counts wrong passwords: after ten for one account from one address, or so many for any accounts
 * from one address, within a minute, no further one is tried from there until the oldest of them is
 * a minute old. Thread-safe; exact where the passwords of one address are tried one after the
 * other.
 */
final class LoginAttempts {

  private static final int MAX_FAILURES_OF_ACCOUNT = 10;
  private static final Duration WINDOW = Duration.ofMinutes(1);

  private record Key(UUID userId, String address) {}

  private final SlidingWindow<Key> ofAccounts;
  private final SlidingWindow<String> ofAddresses;

  /**
   * @param maxFailures for any accounts from one address; 0 for no limit
   */
  LoginAttempts(int maxFailures, Clock clock) {
    this.ofAccounts = new SlidingWindow<>(MAX_FAILURES_OF_ACCOUNT, WINDOW, clock);
    this.ofAddresses = new SlidingWindow<>(maxFailures, WINDOW, clock);
  }

  /** 429 where the account, or any, has failed too often from there. */
  void check(UUID userId, String address) {
    long seconds =
        Math.max(
            ofAccounts.secondsUntilFree(new Key(userId, address)),
            ofAddresses.secondsUntilFree(address));
    if (seconds > 0) {
      throw ApiException.tooManyRequests(seconds);
    }
  }

  /** Counts one failure. */
  void failed(UUID userId, String address) {
    ofAccounts.count(new Key(userId, address));
    ofAddresses.count(address);
  }
}
