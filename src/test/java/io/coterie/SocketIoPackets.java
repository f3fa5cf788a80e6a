package io.coterie;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.Json;

/** Socket.IO's packets as text, as far as a client of a chat meets them. */
final class SocketIoPackets {

  /** A {@code connect_error}. */
  static final class ConnectError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ConnectError(String packet) {
      super(packet);
    }
  }

  static final String PATH = "/socket.io/?EIO=4&transport=";
  static final String PING = "2";
  static final String PONG = "3";
  static final String CONNECT = "40/chat,";
  static final String DISCONNECT = "41/chat,";
  private static final String EVENT = "42/chat,";
  private static final String REFUSED = "44/chat,";

  private SocketIoPackets() {}

  /** Whether a client's connecting was answered; throws where it was refused. */
  static boolean isConnected(String packet) {
    if (packet.startsWith(REFUSED)) {
      throw new ConnectError(packet);
    }
    return packet.startsWith(CONNECT);
  }

  /** The event in the form that it has over WebSocket; null where the packet is none. */
  static JsonNode event(String packet) {
    if (!packet.startsWith(EVENT)) {
      return null;
    }
    JsonNode array = read(packet.substring(EVENT.length()));
    String name = array.path(0).textValue();
    int data = name.equals("message") ? 2 : 1;
    ObjectNode frame = Json.MAPPER.createObjectNode().put("event", name);
    if (array.size() > data + 1) {
      frame.set("seq", array.get(data + 1));
    }
    return frame.set("data", array.get(data));
  }

  /** What a client says in the chat. */
  static String message(String text, String messageString) {
    ArrayNode array = Json.MAPPER.createArrayNode().add("chat_message");
    array.add(AppFixture.object("message", text, "message_string", messageString));
    return EVENT + array;
  }

  static JsonNode read(String json) {
    try {
      return Json.MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new AssertionError("no JSON: " + json, e);
    }
  }
}
