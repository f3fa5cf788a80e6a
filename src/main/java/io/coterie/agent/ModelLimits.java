package io.coterie.agent;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;

/**
 * What each model takes, as far as its provider's refusals have shown: nobody tells beforehand. It
 * is forgotten after an hour, as models change behind their names. Thread-safe.
 */
final class ModelLimits {

  private final int usualSize;
  private final Cache<String, Integer> sizes = cache();
  private final Cache<String, Boolean> toolless = cache();

  ModelLimits(int usualSize) {
    this.usualSize = usualSize;
  }

  /** What a request may hold, in UTF-16 units. */
  int size(String model) {
    Integer learned = sizes.getIfPresent(model);
    return learned == null ? usualSize : Math.min(usualSize, learned);
  }

  /** Notes that a model refused what was longer and took this. */
  void tookOnly(String model, int units) {
    sizes.asMap().merge(model, units, Math::max);
  }

  boolean takesTools(String model) {
    return toolless.getIfPresent(model) == null;
  }

  void refusedTools(String model) {
    toolless.put(model, true);
  }

  private static <T> Cache<String, T> cache() {
    return Caffeine.newBuilder().maximumSize(1_000).expireAfterWrite(Duration.ofHours(1)).build();
  }
}
