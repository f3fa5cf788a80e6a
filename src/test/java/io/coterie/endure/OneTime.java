package io.coterie.endure;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;

/** One-time strings that were used, of which none may be good again. Thread-safe. */
final class OneTime {

  private static final int KEPT = 200;

  /** A connection string that has opened a connection to that chat. */
  record Used(String chatId, String string) {}

  private final Deque<Used> used = new ArrayDeque<>();

  synchronized void used(String chatId, String string) {
    used.add(new Used(chatId, string));
    if (used.size() > KEPT) {
      used.remove();
    }
  }

  /** Any of the last ones; null where there are none. */
  synchronized Used any(Random random) {
    return used.isEmpty()
        ? null
        : used.stream().skip(random.nextInt(used.size())).findFirst().get();
  }
}
