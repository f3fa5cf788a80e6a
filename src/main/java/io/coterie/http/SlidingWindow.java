package io.coterie.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;

/**
 * Counts what happens to each key within a stretch of time that ends now, and says when a key has
 * had as much as it may. Keeps as many times for a key as its limit, and a limited number of keys.
 * Thread-safe, but asking and counting are two steps: whoever needs them to be one sees to that.
 *
 * @param <K> compared with {@code equals}
 */
public final class SlidingWindow<K> {

  private static final int MAX_KEYS = 100_000;
  private static final long[] NONE = {};

  private final int max;
  private final long millis;
  private final Clock clock;

  /** The times of each key, oldest first. An array is never changed once it is here. */
  private final Cache<K, long[]> times;

  /**
   * @param max how often within {@code length}; 0 for no limit
   */
  public SlidingWindow(int max, Duration length, Clock clock) {
    this.max = max;
    this.millis = length.toMillis();
    this.clock = clock;
    this.times =
        Caffeine.newBuilder()
            .expireAfterWrite(length.multipliedBy(2))
            .maximumSize(MAX_KEYS)
            .executor(Runnable::run)
            .build();
  }

  /** In how many seconds, rounded up, the key has room for one more; 0 where it has now. */
  public long secondsUntilFree(K key) {
    long[] all = max == 0 ? null : times.getIfPresent(key);
    if (all == null) {
      return 0;
    }
    long now = clock.millis();
    long[] recent = recent(all, now);
    return recent.length < max ? 0 : Math.max(1, (recent[0] + millis - now + 999) / 1000);
  }

  /** Counts one more. */
  public void count(K key) {
    if (max > 0) {
      times.asMap().compute(key, (k, old) -> withOneMore(old == null ? NONE : old));
    }
  }

  /** How many keys are remembered. */
  long keys() {
    times.cleanUp();
    return times.estimatedSize();
  }

  private long[] withOneMore(long[] old) {
    long now = clock.millis();
    long[] recent = recent(old, now);
    int kept = Math.min(recent.length, max - 1);
    long[] more = new long[kept + 1];
    System.arraycopy(recent, recent.length - kept, more, 0, kept);
    more[kept] = now;
    return more;
  }

  /**
   * Those within the window. What lies ahead was counted before the clock was set back: it must not
   * hold anybody up for longer than the window.
   */
  private long[] recent(long[] all, long now) {
    int from = 0;
    int to = all.length;
    while (from < to && all[from] <= now - millis) {
      from++;
    }
    while (to > from && all[to - 1] > now) {
      to--;
    }
    return from == 0 && to == all.length ? all : Arrays.copyOfRange(all, from, to);
  }
}
