package io.coterie.agent;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;

/**
 * What each model takes, as far as its provider's refusals have shown: nobody tells beforehand. How
 * much fits is known for one conversation alone, as another one may have fewer tokens in as many
 * characters. All is forgotten after an hour, as models change behind their names. Thread-safe.
 */
final class ModelLimits {

  private record Use(String model, Object conversation) {}

  private final int usualSize;
  private final Cache<Use, Integer> sizes = cache();
  private final Cache<String, Boolean> toolless = cache();

  ModelLimits(int usualSize) {
    this.usualSize = usualSize;
  }

  /**
   * What a request may hold, in UTF-16 units.
   *
   * @param conversation what equals itself in later requests of it; null for one that has none
   */
  int size(String model, Object conversation) {
    Integer learned =
        conversation == null ? null : sizes.getIfPresent(new Use(model, conversation));
    return learned == null ? usualSize : Math.min(usualSize, learned);
  }

  /** Notes that a model refused what was longer and took this. */
  void tookOnly(String model, Object conversation, int units) {
    if (conversation != null) {
      sizes.put(new Use(model, conversation), units);
    }
  }

  boolean takesTools(String model) {
    return toolless.getIfPresent(model) == null;
  }

  void refusedTools(String model) {
    toolless.put(model, true);
  }

  private static <K, V> Cache<K, V> cache() {
    return Caffeine.newBuilder().maximumSize(1_000).expireAfterWrite(Duration.ofHours(1)).build();
  }
}
