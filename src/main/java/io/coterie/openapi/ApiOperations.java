package io.coterie.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes operations out as OpenAPI wants them, so that the files stay short enough to read.
 *
 * <ul>
 *   <li>A response that is a string, or a list of them, is an error with that {@code msg}.
 *   <li>A body or a response with a {@code schema} of its own, and maybe an {@code example}, is
 *       JSON.
 *   <li>What every operation of a kind may answer is added: 401 and 429 where a token is wanted,
 *       413 where there is a body, 429 where there is one and no token, 500 and 503 everywhere.
 * </ul>
 */
final class ApiOperations {

  private static final List<String> TOKEN_ERRORS =
      List.of(
          "Missing Authorization Header",
          "Invalid token",
          "Token has expired",
          "Token has been revoked");

  private final String tag;

  /**
   * @param tag what the operations are listed under
   */
  ApiOperations(String tag) {
    this.tag = tag;
  }

  /** That operation, written out. */
  ObjectNode written(ObjectNode source) {
    ObjectNode operation = object();
    operation.putArray("tags").add(tag);
    operation.setAll(source);
    boolean token = wantsToken(source);
    ObjectNode responses = object();
    for (Map.Entry<String, JsonNode> response : source.path("responses").properties()) {
      responses.set(response.getKey(), response(response.getKey(), response.getValue(), token));
    }
    if (token) {
      addMissing(responses, "401", "Unauthorized");
    }
    if (source.has("requestBody")) {
      operation.set("requestBody", body(source.path("requestBody")));
      addMissing(responses, "413", "BodyTooLarge");
    }
    if (token || source.has("requestBody")) {
      addMissing(responses, "429", "TooManyRequests");
    }
    addMissing(responses, "500", "ServerError");
    addMissing(responses, "503", "Stopping");
    operation.set("responses", responses);
    return operation;
  }

  private static boolean wantsToken(ObjectNode source) {
    JsonNode security = source.get("security");
    return security == null || security.findValue("bearer") != null;
  }

  private static ObjectNode body(JsonNode source) {
    ObjectNode body = object();
    body.put("required", source.path("required").asBoolean(true));
    return body.setAll(json(source));
  }

  private static JsonNode response(String status, JsonNode source, boolean token) {
    if (source.isTextual() || source.isArray()) {
      List<String> messages = new ArrayList<>();
      (source.isArray() ? source : Json.MAPPER.createArrayNode().add(source))
          .forEach(message -> messages.add(message.textValue()));
      return error(status, messages, token);
    }
    return json(source);
  }

  /** What has a {@code schema} and an {@code example} of its own has them as JSON. */
  private static ObjectNode json(JsonNode source) {
    ObjectNode written = ((ObjectNode) source).deepCopy();
    JsonNode schema = written.remove("schema");
    JsonNode example = written.remove("example");
    if (schema != null) {
      ObjectNode content = written.withObject("/content").putObject("application/json");
      content.set("schema", schema);
      if (example != null) {
        content.set("example", example);
      }
    }
    return written;
  }

  private static ObjectNode error(String status, List<String> own, boolean token) {
    boolean unauthorized = status.equals("401");
    List<String> messages = new ArrayList<>(own);
    if (unauthorized && token) {
      messages.addAll(TOKEN_ERRORS);
    }
    ObjectNode response = object();
    response.put("description", String.join(" · ", own));
    if (unauthorized) {
      response.putObject("headers").set("WWW-Authenticate", ref("headers", "WWW-Authenticate"));
    }
    ObjectNode content = response.putObject("content").putObject("application/json");
    content.set("schema", ref("schemas", "Error"));
    if (messages.size() == 1) {
      content.set("example", object().put("msg", messages.get(0)));
    } else {
      ObjectNode examples = content.putObject("examples");
      messages.forEach(msg -> examples.putObject(name(msg)).set("value", object().put("msg", msg)));
    }
    return response;
  }

  private static String name(String msg) {
    return msg.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]+", "_").replaceAll("^_+|_+$", "");
  }

  private static void addMissing(ObjectNode responses, String status, String component) {
    if (!responses.has(status)) {
      responses.set(status, ref("responses", component));
    }
  }

  private static ObjectNode ref(String kind, String name) {
    return object().put("$ref", "#/components/" + kind + "/" + name);
  }

  private static ObjectNode object() {
    return Json.MAPPER.createObjectNode();
  }
}
