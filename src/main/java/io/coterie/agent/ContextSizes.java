package io.coterie.agent;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;

/**
 * How much each model takes, as far as its provider's refusals have shown: nobody tells beforehand.
 * In UTF-16 units. Thread-safe.
 */
final class ContextSizes {

  private final int usual;
  private final Cache<String, Integer> learned =
      Caffeine.newBuilder().maximumSize(1_000).expireAfterWrite(Duration.ofHours(1)).build();

  ContextSizes(int usual) {
    this.usual = usual;
  }

  int of(String model) {
    Integer size = model == null ? null : learned.getIfPresent(model);
    return size == null ? usual : Math.min(usual, size);
  }

  /** Notes that a model refused what was longer and took this. */
  void learn(String model, int units) {
    if (model != null) {
      learned.asMap().merge(model, units, Math::max);
    }
  }
}
