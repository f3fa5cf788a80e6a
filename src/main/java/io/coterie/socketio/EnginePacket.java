package io.coterie.socketio;

import java.util.List;

/**
 * One packet of Engine.IO, protocol version 4: a digit for its type and text, or something binary,
 * whose content is of no interest here. Immutable.
 */
record EnginePacket(Type type, String data) {

  enum Type {
    OPEN,
    CLOSE,
    PING,
    PONG,
    MESSAGE,
    UPGRADE,
    NOOP,
    BINARY
  }

  /** Text that is no packet. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String why) {
      super(why, null, false, false);
    }
  }

  static final String CLOSE = "1";
  static final String PING = "2";
  static final String NOOP = "6";
  static final String PROBE = "probe";

  private static final char SEPARATOR = '\u001e';
  private static final Type[] BY_DIGIT = Type.values();

  static String message(String data) {
    return "4" + data;
  }

  static String pong(String data) {
    return "3" + data;
  }

  static EnginePacket parse(String text) throws MalformedException {
    int digit = text.isEmpty() ? -1 : text.charAt(0) - '0';
    if (digit < 0 || digit >= Type.BINARY.ordinal()) {
      throw new MalformedException("No packet begins like this");
    }
    return new EnginePacket(BY_DIGIT[digit], text.substring(1));
  }

  /**
   * What one request of the polling transport carries: packets with a separator between them. Read
   * one by one, as there may be half a million. Not thread-safe.
   */
  static final class Payload {
    private final String text;
    private int start;

    Payload(String text) {
      this.text = text;
    }

    boolean hasNext() {
      return start <= text.length();
    }

    EnginePacket next() throws MalformedException {
      int separator = text.indexOf(SEPARATOR, start);
      int end = separator < 0 ? text.length() : separator;
      String part = text.substring(start, end);
      start = end + 1;
      return part.startsWith("b") ? new EnginePacket(Type.BINARY, "") : parse(part);
    }
  }

  static String payload(List<String> packets) {
    return String.join(String.valueOf(SEPARATOR), packets);
  }
}
