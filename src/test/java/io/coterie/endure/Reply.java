package io.coterie.endure;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * An answer, whole.
 *
 * @param isLast whether the end of the server had been decided on when it came
 */
record Reply(int status, String text, String requestId, boolean isLast) {

  /** The JSON of a text; a missing node where it is none. */
  static JsonNode json(String text) {
    try {
      return Json.MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  /** The body read as JSON; a missing node where it is none. */
  JsonNode json() {
    return json(text);
  }

  /** The events of a stream, in the form that they have over WebSocket. */
  List<JsonNode> events() {
    List<JsonNode> events = new ArrayList<>();
    for (String block : text.split("\n\n")) {
      ObjectNode event = Json.MAPPER.createObjectNode();
      for (String line : block.split("\n")) {
        if (line.startsWith("event: ")) {
          event.put("event", line.substring(7));
        } else if (line.startsWith("id: ")) {
          event.put("seq", Integer.parseInt(line.substring(4)));
        } else if (line.startsWith("data: ")) {
          event.set("data", json(line.substring(6)));
        }
      }
      if (!event.isEmpty()) {
        events.add(event);
      }
    }
    return events;
  }
}
