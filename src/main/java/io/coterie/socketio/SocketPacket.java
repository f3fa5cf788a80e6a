package io.coterie.socketio;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.coterie.http.Json;

/**
 * One packet of Socket.IO, protocol version 5, as text. Immutable.
 *
 * @param namespace {@code /} where the packet names none
 * @param id the number by which the client wants an acknowledgement; null where it wants none
 * @param attachments how many binary messages follow
 * @param data a missing node where there is none
 */
record SocketPacket(Type type, String namespace, String id, int attachments, JsonNode data) {

  enum Type {
    CONNECT,
    DISCONNECT,
    EVENT,
    ACK,
    CONNECT_ERROR,
    BINARY_EVENT,
    BINARY_ACK
  }

  /** Text that is no packet. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String why) {
      super(why, null, false, false);
    }
  }

  static final String MAIN_NAMESPACE = "/";

  private static final int MAX_DIGITS = 18;
  private static final int MAX_ATTACHMENTS = 100;
  private static final Type[] BY_DIGIT = Type.values();

  static String connected(String namespace, String sid) {
    return "0" + prefix(namespace) + "{\"sid\":\"" + sid + "\"}";
  }

  static String disconnect(String namespace) {
    return "1" + prefix(namespace);
  }

  /**
   * @param array the event's name and its arguments, a JSON array
   */
  static String event(String namespace, String array) {
    return "2" + prefix(namespace) + array;
  }

  static String acknowledgement(String namespace, String id, String array) {
    return "3" + prefix(namespace) + id + array;
  }

  static String connectError(String namespace, String message) {
    return "4" + prefix(namespace) + "{\"message\":" + Json.write(message) + "}";
  }

  static SocketPacket parse(String text) throws MalformedException {
    return new Parser(text).packet();
  }

  private static String prefix(String namespace) {
    return namespace.equals(MAIN_NAMESPACE) ? "" : namespace + ",";
  }

  private static final class Parser {
    private final String text;
    private int at;

    Parser(String text) {
      this.text = text;
    }

    SocketPacket packet() throws MalformedException {
      Type type = type();
      int attachments = 0;
      if (type == Type.BINARY_EVENT || type == Type.BINARY_ACK) {
        attachments = attachments();
      }
      String namespace = namespace();
      String id = digits();
      return new SocketPacket(type, namespace, id.isEmpty() ? null : id, attachments, json());
    }

    private Type type() throws MalformedException {
      int digit = text.isEmpty() ? -1 : text.charAt(0) - '0';
      if (digit < 0 || digit >= BY_DIGIT.length) {
        throw new MalformedException("No packet begins like this");
      }
      at = 1;
      return BY_DIGIT[digit];
    }

    private int attachments() throws MalformedException {
      String number = digits();
      if (number.isEmpty() || at >= text.length() || text.charAt(at) != '-') {
        throw new MalformedException("A number of attachments is missing");
      }
      at++;
      if (Long.parseLong(number) > MAX_ATTACHMENTS) {
        throw new MalformedException("Too many attachments");
      }
      return Integer.parseInt(number);
    }

    /** A query after the name, which clients of older versions send, is not part of it. */
    private String namespace() {
      if (at >= text.length() || text.charAt(at) != '/') {
        return MAIN_NAMESPACE;
      }
      int comma = text.indexOf(',', at);
      int end = comma < 0 ? text.length() : comma;
      String name = text.substring(at, end);
      at = Math.min(end + 1, text.length());
      int query = name.indexOf('?');
      return query < 0 ? name : name.substring(0, query);
    }

    private String digits() throws MalformedException {
      int start = at;
      while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
        at++;
      }
      if (at - start > MAX_DIGITS) {
        throw new MalformedException("A number is too long");
      }
      return text.substring(start, at);
    }

    private JsonNode json() throws MalformedException {
      if (at >= text.length()) {
        return MissingNode.getInstance();
      }
      try {
        return Json.MAPPER.readTree(text.substring(at));
      } catch (JsonProcessingException e) {
        throw new MalformedException("What follows is not JSON");
      }
    }
  }
}
