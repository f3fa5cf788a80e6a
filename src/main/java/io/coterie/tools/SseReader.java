package io.coterie.tools;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Reads a stream of server-sent events as it comes, in pieces of any size, and hands over the data
 * of each event of the default type. Follows the HTML standard, section 9.2, but for reconnecting.
 * For one thread at a time.
 */
final class SseReader {

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final int max;
  private final Consumer<String> events;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final StringBuilder data = new StringBuilder();
  private String type = "";
  private boolean afterReturn;
  private boolean begun;

  /**
   * @param max the most bytes of a line, and characters of an event
   */
  SseReader(int max, Consumer<String> events) {
    this.max = max;
    this.events = events;
  }

  /** Takes the next piece; answers false where a line or an event is too long. */
  boolean read(ByteBuffer piece) {
    while (piece.hasRemaining()) {
      byte next = piece.get();
      boolean secondOfTwo = next == '\n' && afterReturn;
      afterReturn = next == '\r';
      if (next == '\n' || next == '\r') {
        if (!secondOfTwo) {
          line(line.toString(StandardCharsets.UTF_8));
          line.reset();
        }
      } else {
        line.write(next);
      }
      if (line.size() > max || data.length() > max) {
        return false;
      }
    }
    return true;
  }

  private void line(String whole) {
    String text = !begun && whole.startsWith(BYTE_ORDER_MARK) ? whole.substring(1) : whole;
    begun = true;
    if (text.isEmpty()) {
      dispatch();
      return;
    }
    int colon = text.indexOf(':');
    String field = colon < 0 ? text : text.substring(0, colon);
    String value = colon < 0 ? "" : text.substring(colon + 1);
    value = value.startsWith(" ") ? value.substring(1) : value;
    if (field.equals("data")) {
      data.append(value).append('\n');
    } else if (field.equals("event")) {
      type = value;
    }
  }

  private void dispatch() {
    String whole = data.toString();
    boolean message = type.isEmpty() || type.equals("message");
    data.setLength(0);
    type = "";
    if (message && !whole.isBlank()) {
      events.accept(whole);
    }
  }
}
