package io.coterie.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts the tool calls of one reply into the form that the protocol's own service sends, from which
 * gateways and local servers depart: they leave out indexes, give every call the same one, repeat
 * the id and the name in each piece, or send arguments whole where text is due. LangChain4j would
 * run such calls together. Not thread-safe.
 */
final class ToolCallStream {

  /** Arguments go back to the provider inside a request, which may not be too deep either. */
  private static final int MAX_DEPTH = 500;

  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final int MAX_CALLS = 1000;
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final List<Call> calls = new ArrayList<>();
  private final Map<Integer, JsonNode> inputs = new HashMap<>();
  private int count;

  private static final class Call {
    private final Integer index;
    private String id;
    private String name;
    private final StringBuilder arguments = new StringBuilder();

    Call(Integer index) {
      this.index = index;
    }

    boolean isComplete() {
      return isObject(arguments.toString());
    }

    boolean isPartial() {
      return !arguments.isEmpty() && !isComplete();
    }
  }

  // OpenAI: pieces are kept back until all are there, for the pieces of several calls may mix.

  /** Takes the pieces of tool calls out of {@code chunk}; whether there were any. */
  boolean takeFrom(JsonNode chunk) {
    if (!(chunk.path("choices").path(0).path("delta") instanceof ObjectNode delta)
        || !(delta.remove("tool_calls") instanceof ArrayNode pieces)) {
      return false;
    }
    pieces.forEach(this::take);
    return true;
  }

  private void take(JsonNode piece) {
    JsonNode function = piece.path("function");
    String id = textOf(piece.path("id"));
    String name = textOf(function.path("name"));
    JsonNode given = function.path("arguments");
    String arguments =
        given.isTextual()
            ? given.textValue()
            : given.isMissingNode() || given.isNull() ? "" : given.toString();
    if (id == null && name == null && arguments.isEmpty()) {
      return;
    }
    Integer index = piece.path("index").canConvertToInt() ? piece.path("index").intValue() : null;
    Call call = latest(index);
    if (call == null || (name != null && isAnother(call, index, id, name))) {
      if (calls.size() == MAX_CALLS) {
        throw new CallFailure(CallFailure.Kind.TOO_LARGE, "The reply has too many tool calls");
      }
      call = new Call(index);
      calls.add(call);
    }
    if (call.id == null) {
      call.id = id;
    }
    if (call.name == null) {
      call.name = name;
    } else if (name != null && !name.equals(call.name) && call.arguments.isEmpty()) {
      call.name += name;
    }
    call.arguments.append(arguments);
  }

  /** Whether a piece with a name begins another call than {@code call}, the last of its index. */
  private static boolean isAnother(Call call, Integer index, String id, String name) {
    boolean differs = id != null && call.id != null && !id.equals(call.id);
    if (index == null && (differs || (id == null && !name.equals(call.name)))) {
      return call.name != null;
    }
    return differs ? !call.isPartial() : id == null && call.isComplete();
  }

  private Call latest(Integer index) {
    for (int i = calls.size() - 1; i >= 0; i--) {
      if (index == null || index.equals(calls.get(i).index)) {
        return calls.get(i);
      }
    }
    return null;
  }

  /** The calls so far as one chunk, which takes them away; null where there are none. */
  ObjectNode nextChunk() {
    if (calls.isEmpty()) {
      return null;
    }
    ObjectNode chunk = NODES.objectNode();
    ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
    ArrayNode whole = choice.putObject("delta").putArray("tool_calls");
    for (Call call : calls) {
      ObjectNode node = whole.addObject().put("index", count++);
      if (call.id != null) {
        node.put("id", call.id);
      }
      node.put("type", "function");
      node.putObject("function")
          .put("name", named(call.name))
          .put("arguments", call.arguments.toString());
    }
    calls.clear();
    return chunk;
  }

  // Anthropic: a block may bring its input whole where only its pieces are looked at.

  /** An event that has to come before {@code event}; null for none. */
  ObjectNode before(JsonNode event) {
    int index = event.path("index").asInt();
    switch (event.path("type").asText()) {
      case "content_block_start" -> {
        JsonNode block = event.path("content_block");
        if (block.path("type").asText().equals("tool_use")) {
          named(textOf(block.path("name")));
          if (block.path("input").isObject() && !block.path("input").isEmpty()) {
            inputs.put(index, block.path("input"));
          }
        }
      }
      case "content_block_delta" -> {
        if (!event.path("delta").path("partial_json").asText().isEmpty()) {
          inputs.remove(index);
        }
      }
      case "content_block_stop" -> {
        JsonNode input = inputs.remove(index);
        if (input != null) {
          ObjectNode delta = NODES.objectNode().put("type", "content_block_delta");
          delta.put("index", index);
          delta
              .putObject("delta")
              .put("type", "input_json_delta")
              .put("partial_json", input.toString());
          return delta;
        }
      }
      default -> {}
    }
    return null;
  }

  // Ollama: every call is whole, and older versions do not number them.

  /** Numbers the calls of {@code line} and makes objects of their arguments. */
  boolean mend(JsonNode line) {
    if (!(line.path("message").path("tool_calls") instanceof ArrayNode whole)) {
      return false;
    }
    for (JsonNode call : whole) {
      if (!(call.path("function") instanceof ObjectNode function)) {
        throw unreadable("A tool call has no function");
      }
      named(textOf(function.path("name")));
      function.put("index", count++);
      function.set("arguments", argumentsObject(function.path("arguments")));
    }
    return true;
  }

  private static JsonNode argumentsObject(JsonNode given) {
    if (given.isObject()) {
      return given;
    }
    if (given.isMissingNode()
        || given.isNull()
        || (given.isTextual() && ToolRequests.isNone(given.textValue()))) {
      return NODES.objectNode();
    }
    if (given.isTextual() && isObject(given.textValue())) {
      try {
        return JSON.readTree(given.textValue());
      } catch (JsonProcessingException e) {
        throw unreadable("A tool call's arguments cannot be read");
      }
    }
    throw unreadable("A tool call's arguments are no object");
  }

  /** Whether {@code text} is a JSON object and nothing else. */
  static boolean isObject(String text) {
    // Most texts that are none can be told by their end.
    if (!text.stripTrailing().endsWith("}")) {
      return false;
    }
    try {
      return JSON.readTree(text).isObject();
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  private static String named(String name) {
    if (name == null) {
      throw unreadable("A tool call has no name");
    }
    return name;
  }

  private static CallFailure unreadable(String message) {
    return new CallFailure(CallFailure.Kind.UNREADABLE, message);
  }

  private static String textOf(JsonNode node) {
    return node.isTextual() && !node.textValue().isBlank() ? node.textValue() : null;
  }
}
