package io.coterie.socketio;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What waits to be sent over one connection, in order. It is bounded by those who wait until their
 * packets are sent, and for the others here. Not thread-safe.
 */
final class SendQueue {

  /**
   * @param written told once it is sent
   * @param unpaced whether nobody waits for it to be sent
   */
  record Outgoing(String packet, Runnable written, boolean unpaced) {}

  /**
   * A client that reads nothing may have no more than this unread of what it provokes itself, such
   * as acknowledgements: in UTF-16 units.
   */
  static final int MAX_UNPACED = 64 * 1024;

  private final Deque<Outgoing> waiting = new ArrayDeque<>();
  private int chars;
  private int unpacedChars;

  /** Adds a packet; false where it would be too much. */
  boolean add(Outgoing next) {
    int length = next.packet().length();
    if (next.unpaced()) {
      if (unpacedChars + length > MAX_UNPACED) {
        return false;
      }
      unpacedChars += length;
    }
    chars += length;
    waiting.add(next);
    return true;
  }

  /** Takes all packets out, or the first one. */
  List<Outgoing> take(boolean all) {
    List<Outgoing> taken = new ArrayList<>();
    while (!waiting.isEmpty() && (taken.isEmpty() || all)) {
      Outgoing next = waiting.remove();
      int length = next.packet().length();
      chars -= length;
      unpacedChars -= next.unpaced() ? length : 0;
      taken.add(next);
    }
    return taken;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** How much waits, in UTF-16 units. */
  int chars() {
    return chars;
  }

  void clear() {
    take(true);
  }
}
