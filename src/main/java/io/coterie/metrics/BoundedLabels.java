package io.coterie.metrics;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Values of a label that people can choose: the first so many are themselves, all others are one.
 * Thread-safe.
 */
final class BoundedLabels {

  static final String OTHER = "other";

  private final int max;
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  BoundedLabels(int max) {
    this.max = max;
  }

  String of(String value) {
    if (known.contains(value)) {
      return value;
    }
    synchronized (known) {
      return known.size() < max && known.add(value) ? value : known.contains(value) ? value : OTHER;
    }
  }
}
