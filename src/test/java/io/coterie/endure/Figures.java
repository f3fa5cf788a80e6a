package io.coterie.endure;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** What is counted and measured on the way, and printed at the end. Thread-safe. */
final class Figures {

  private final Map<String, LongAdder> counts = new ConcurrentSkipListMap<>();
  private final Map<String, Latency> latencies = new ConcurrentSkipListMap<>();
  private final Map<String, Object> values = new LinkedHashMap<>();

  void count(String what) {
    count(what, 1);
  }

  void count(String what, long times) {
    counts.computeIfAbsent(what, w -> new LongAdder()).add(times);
  }

  long counted(String what) {
    LongAdder count = counts.get(what);
    return count == null ? 0 : count.sum();
  }

  Latency latency(String what) {
    return latencies.computeIfAbsent(what, w -> new Latency());
  }

  synchronized void value(String name, Object value) {
    values.put(name, value);
  }

  synchronized String report() {
    StringBuilder text = new StringBuilder();
    values.forEach((name, value) -> text.append("  %s: %s%n".formatted(name, value)));
    text.append("  times:\n");
    latencies.forEach((name, value) -> text.append("    %s: %s%n".formatted(name, value)));
    text.append("  counts:\n");
    new TreeMap<>(counts).forEach((name, n) -> text.append("    %s: %s%n".formatted(name, n)));
    return text.toString();
  }
}
