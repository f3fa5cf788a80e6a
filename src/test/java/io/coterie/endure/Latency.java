package io.coterie.endure;

import java.util.Locale;

/**
 * How long something took, over and over: kept in classes of time that are 2 % wide, so that it
 * does not grow with time. Thread-safe.
 */
final class Latency {

  private static final double WIDTH = Math.log(1.02);
  private static final double FIRST_NANOS = 1_000;

  private final long[] classes = new long[1_500];
  private long count;
  private long max;

  synchronized void add(long nanos) {
    int at = (int) (Math.log(Math.max(1, nanos / FIRST_NANOS)) / WIDTH);
    classes[Math.min(at, classes.length - 1)]++;
    count++;
    max = Math.max(max, nanos);
  }

  synchronized long count() {
    return count;
  }

  /** In milliseconds; a quantile of 1 is the longest. */
  synchronized double millis(double quantile) {
    if (quantile >= 1) {
      return max / 1e6;
    }
    long left = (long) Math.ceil(quantile * count);
    int at = 0;
    for (; at < classes.length - 1 && left > classes[at]; at++) {
      left -= classes[at];
    }
    return FIRST_NANOS * Math.exp((at + 1) * WIDTH) / 1e6;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "n=%d p50=%.1f ms p99=%.1f ms max=%.1f ms",
        count(),
        millis(0.5),
        millis(0.99),
        millis(1));
  }
}
