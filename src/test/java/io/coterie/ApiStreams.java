package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Holds the events of a stream against the OpenAPI document: {@code x-item-schema} says what they
 * are.
 */
final class ApiStreams {

  private static final String OPENAI = "OpenAiChunk";

  private final ApiContract contract;

  ApiStreams(ApiContract contract) {
    this.contract = contract;
  }

  /** What is wrong with a stream; null where nothing is. */
  String problem(String told, String body, JsonNode media) {
    JsonNode schema = media.path("x-item-schema");
    if (schema.isMissingNode()) {
      return told + "the events are not described";
    }
    boolean openAi = schema.path("$ref").asText().endsWith(OPENAI);
    for (String block : body.split("\n\n")) {
      String data = field(block, "data");
      if (data != null && !data.equals("[DONE]")) {
        JsonNode event = openAi ? json(data) : event(block, data);
        JsonNode expected = openAi && event.has("error") ? error() : schema;
        List<String> errors = contract.invalid(expected, event);
        if (!errors.isEmpty()) {
          return told + errors + " in " + event;
        }
      }
    }
    return null;
  }

  private static JsonNode error() {
    return Json.MAPPER.createObjectNode().put("$ref", "#/components/schemas/OpenAiError");
  }

  private static ObjectNode event(String block, String data) {
    ObjectNode event = Json.MAPPER.createObjectNode().put("event", field(block, "event"));
    String id = field(block, "id");
    if (id != null) {
      event.put("seq", Long.parseLong(id));
    }
    return event.set("data", json(data));
  }

  /** The value of a field; null where there is none. No line of ours is folded. */
  private static String field(String block, String name) {
    return block
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse(null);
  }

  private static JsonNode json(String text) {
    try {
      return Json.MAPPER.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
