package io.coterie.net;

import java.nio.ByteBuffer;

/**
 * Reads a stream of server-sent events as it comes, in pieces of any size. Follows the HTML
 * standard, section 9.2.6, but for reconnecting: {@code id} and {@code retry} are passed over. For
 * one thread at a time.
 */
public final class SseReader {

  /** Is given the events. */
  public interface Events {
    /**
     * An event has come.
     *
     * @param type what the stream calls it; {@link #MESSAGE} where it does not say
     */
    void event(String type, String data);
  }

  /** The type of an event that names none. */
  public static final String MESSAGE = "message";

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final int max;
  private final Events events;
  private final LineSplitter lines;
  private final StringBuilder data = new StringBuilder();
  private boolean hasData;
  private boolean fits = true;
  private String type = "";
  private boolean begun;

  /**
   * @param max the most bytes of a line, and characters of an event
   */
  public SseReader(int max, Events events) {
    this.max = max;
    this.events = events;
    this.lines = LineSplitter.strict(max, LineSplitter.Ends.ANY, this::line);
  }

  /** Takes the next piece; answers false where a line or an event is too long. */
  public boolean read(ByteBuffer piece) {
    return lines.read(piece) && fits;
  }

  /** Takes the end of a stream whose last event may lack its empty line. */
  public void end() {
    lines.end();
    dispatch();
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
    if (field.equals("data")) {
      add(value(text, colon));
    } else if (field.equals("event")) {
      type = value(text, colon);
    }
  }

  private static String value(String line, int colon) {
    int from = colon < 0 ? line.length() : colon + 1;
    return line.startsWith(" ", from) ? line.substring(from + 1) : line.substring(from);
  }

  private void add(String value) {
    fits = fits && data.length() + value.length() < max;
    if (fits) {
      data.append(hasData ? "\n" : "").append(value);
      hasData = true;
    }
  }

  private void dispatch() {
    String whole = data.toString();
    String of = type.isEmpty() ? MESSAGE : type;
    boolean any = hasData;
    data.setLength(0);
    hasData = false;
    type = "";
    if (any && fits) {
      events.event(of, whole);
    }
  }
}
