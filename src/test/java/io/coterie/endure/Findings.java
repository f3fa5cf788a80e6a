package io.coterie.endure;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The promises that did not hold, by kind, with the first few cases of each. Thread-safe. */
final class Findings {

  private static final int KEPT = 4;
  private static final int MAX_LENGTH = 1_500;

  private static final class Cases {
    private final List<String> first = new ArrayList<>();
    private int count;
  }

  private final Map<String, Cases> byKind = new TreeMap<>();

  synchronized void add(String kind, String detail) {
    Cases cases = byKind.computeIfAbsent(kind, k -> new Cases());
    cases.count++;
    if (cases.first.size() < KEPT) {
      cases.first.add(detail.length() > MAX_LENGTH ? detail.substring(0, MAX_LENGTH) : detail);
    }
  }

  /** Notes it unless the condition holds. */
  void check(boolean condition, String kind, String detail) {
    if (!condition) {
      add(kind, detail);
    }
  }

  synchronized Set<String> kinds() {
    return Set.copyOf(byKind.keySet());
  }

  synchronized String report() {
    StringBuilder text = new StringBuilder();
    byKind.forEach(
        (kind, cases) -> {
          text.append("  %d x %s%n".formatted(cases.count, kind));
          cases.first.forEach(detail -> text.append("      ").append(detail).append('\n'));
        });
    return text.toString();
  }
}
