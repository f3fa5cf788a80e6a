package io.coterie.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.coterie.http.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes operations out as OpenAPI wants them, so that the files stay short enough to read.
 *
 * <ul>
 *   <li>A response that is a string, or a list of them, is an error with that message, in the form
 *       that {@code errors} names: {@link ApiErrors}.
 *   <li>A body or a response with a {@code schema} of its own, and maybe an {@code example}, is
 *       JSON.
 *   <li>{@code keys} says which API keys may use it, where a token is wanted: {@code none}, {@code
 *       unscoped} (those of no workspace), {@code workspace} (that is what is not said: any, those
 *       of a workspace in that alone) or {@code any}. It becomes {@code x-api-keys}, and the 403
 *       that the others get.
 *   <li>What every operation of a kind may answer is added: 401 and 429 where a token is wanted,
 *       413 where there is a body, 429 where there is one and no token, 500 and 503 everywhere.
 * </ul>
 */
final class ApiOperations {

  private static final List<JsonNode> TOKEN_ERRORS =
      told(
          "Missing Authorization Header",
          "Invalid token",
          "Token has expired",
          "Token has been revoked");
  private static final List<JsonNode> OTHER_KEY = told("API key is not valid here");

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
    ApiErrors errors = ApiErrors.of(operation.remove("errors"));
    JsonNode keys = operation.remove("keys");
    boolean token = wantsToken(source);
    if (token) {
      operation.put("x-api-keys", keys == null ? "workspace" : keys.textValue());
    }
    boolean otherKeys = token && !operation.path("x-api-keys").asText().equals("any");
    ObjectNode responses = object();
    for (Map.Entry<String, JsonNode> response : source.path("responses").properties()) {
      String status = response.getKey();
      List<JsonNode> more =
          switch (status) {
            case "401" -> token ? TOKEN_ERRORS : List.of();
            case "403" -> otherKeys ? OTHER_KEY : List.of();
            default -> List.of();
          };
      responses.set(status, response(status, response.getValue(), more, errors));
    }
    addMissing(responses, errors, "401", "Unauthorized", token ? TOKEN_ERRORS : null);
    addMissing(responses, errors, "403", "OtherKey", otherKeys ? OTHER_KEY : null);
    if (source.has("requestBody")) {
      operation.set("requestBody", body(source.path("requestBody")));
      addMissing(responses, errors, "413", "BodyTooLarge", told("Request body too large"));
    }
    if (token || source.has("requestBody")) {
      addMissing(responses, errors, "429", "TooManyRequests", told("Too many requests"));
    }
    addMissing(responses, errors, "500", "ServerError", told("Internal server error"));
    addMissing(
        responses,
        errors,
        "503",
        "Unavailable",
        told("Server is stopping", "Server is busy", "Server cannot store"));
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

  /** {@code more} is told as well, but the description is silent on it. */
  private static JsonNode response(
      String status, JsonNode source, List<JsonNode> more, ApiErrors errors) {
    if (source.isObject() && !source.has("message")) {
      return json(source);
    }
    List<JsonNode> own = new ArrayList<>();
    (source.isArray() ? source : Json.MAPPER.createArrayNode().add(source)).forEach(own::add);
    return errors.response(status, Stream.concat(own.stream(), more.stream()).toList(), own);
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

  private static void addMissing(
      ObjectNode responses,
      ApiErrors errors,
      String status,
      String component,
      List<JsonNode> told) {
    if (told != null && !responses.has(status)) {
      responses.set(status, errors.common(status, component, told));
    }
  }

  private static List<JsonNode> told(String... messages) {
    return Stream.of(messages).<JsonNode>map(TextNode::valueOf).toList();
  }

  private static ObjectNode object() {
    return Json.MAPPER.createObjectNode();
  }
}
