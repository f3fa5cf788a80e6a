package io.coterie.chat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.Json;

/**
 * Something that clients of a chat are told, the same over every transport. Immutable.
 *
 * @param seq the event's number in its chat, from 1 without gaps; 0 where the event is not stored
 * @param data a JSON object
 */
public record ChatEvent(String type, long seq, String data) {

  /** Not for clients to see: keeps an idle connection open, in the way of its transport. */
  static final ChatEvent KEEP_ALIVE = new ChatEvent("", 0, "");

  static ChatEvent unstored(String type, Object data) {
    return new ChatEvent(type, 0, Json.write(data));
  }

  boolean isStored() {
    return seq > 0;
  }

  /** The data, read. */
  ObjectNode json() {
    return Json.readObject(data).orElseThrow();
  }

  /** The event as one JSON object: a WebSocket frame, an element of a poll's answer. */
  String frame() {
    StringBuilder frame = new StringBuilder(data.length() + 64);
    frame.append("{\"event\":\"").append(type).append('"');
    if (isStored()) {
      frame.append(",\"seq\":").append(seq);
    }
    return frame.append(",\"data\":").append(data).append('}').toString();
  }
}
