package io.coterie.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.Json;
import java.util.List;
import java.util.Locale;

/**
 * Writes out how errors are told, which is up to the clients that a route is for.
 *
 * <ul>
 *   <li>usual: JSON with {@code msg}.
 *   <li>text: that, or the message alone as text.
 *   <li>openai: as OpenAI's API tells them.
 * </ul>
 */
enum ApiErrors {
  USUAL,
  TEXT,
  OPENAI;

  private static final String AT_TIMES = "-at-times";

  /** Those of that name in lower case; the usual ones where there is no name. */
  static ApiErrors of(JsonNode name) {
    return name == null ? USUAL : valueOf(name.textValue().toUpperCase(Locale.ROOT));
  }

  /**
   * The response for a status.
   *
   * @param told the messages; for OpenAI's clients, objects with {@code message} and maybe {@code
   *     param} and {@code code}
   * @param own those of them that are worth a line in a list of responses
   */
  ObjectNode response(String status, List<JsonNode> told, List<JsonNode> own) {
    ObjectNode response = object();
    response.put("description", String.join(" · ", own.stream().map(ApiErrors::message).toList()));
    headers(status, response);
    ObjectNode json = response.putObject("content").putObject("application/json");
    json.set("schema", ref("schemas", schema(status)));
    examples(json, told, one -> body(status, one));
    if (this == TEXT) {
      ObjectNode text = response.withObject("/content").putObject("text/plain");
      text.putObject("schema").put("type", "string");
      examples(text, told, one -> Json.MAPPER.valueToTree(message(one)));
    }
    return response;
  }

  /** What any route may answer with that status: the shared one where that is the usual. */
  ObjectNode common(String status, String component, List<JsonNode> told) {
    return this == USUAL ? ref("responses", component) : response(status, told, told);
  }

  private interface Writer {
    JsonNode write(JsonNode told);
  }

  private static void examples(ObjectNode media, List<JsonNode> told, Writer writer) {
    if (told.size() == 1) {
      media.set("example", writer.write(told.get(0)));
      return;
    }
    ObjectNode examples = media.putObject("examples");
    told.forEach(one -> examples.putObject(name(message(one))).set("value", writer.write(one)));
  }

  private void headers(String status, ObjectNode response) {
    boolean failed = this == OPENAI && (status.equals("429") || status.equals("502"));
    if (failed) {
      header(response, "Retry-After", AT_TIMES);
      header(response, "X-Should-Retry", "");
    } else if (status.equals("429") || status.equals("503")) {
      header(response, "Retry-After", "");
    } else if (status.equals("401")) {
      header(response, "WWW-Authenticate", "");
    }
  }

  private static void header(ObjectNode response, String name, String variant) {
    response.withObject("/headers").set(name, ref("headers", name + variant));
  }

  private String schema(String status) {
    if (this == OPENAI) {
      return "OpenAiError";
    }
    return status.equals("500") ? "ServerError" : "Error";
  }

  private ObjectNode body(String status, JsonNode told) {
    if (this == OPENAI) {
      return openAi(status, told);
    }
    ObjectNode body = object().put("msg", message(told));
    return status.equals("500") ? body.put("request_id", "0192f0c1a4b27d6e") : body;
  }

  private static ObjectNode openAi(String status, JsonNode told) {
    String type = status.startsWith("5") ? "server_error" : "invalid_request_error";
    String code =
        switch (status) {
          case "401" -> "invalid_api_key";
          case "429" -> "rate_limit_exceeded";
          default -> null;
        };
    ObjectNode body = object();
    body.putObject("error")
        .put("message", message(told))
        .put("type", status.equals("429") ? "rate_limit_error" : type)
        .put("param", told.path("param").textValue())
        .put("code", told.has("code") ? told.path("code").textValue() : code);
    return body;
  }

  private static String message(JsonNode told) {
    return told.isTextual() ? told.textValue() : told.path("message").textValue();
  }

  private static String name(String msg) {
    return msg.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]+", "_").replaceAll("^_+|_+$", "");
  }

  private static ObjectNode ref(String kind, String name) {
    return object().put("$ref", "#/components/" + kind + "/" + name);
  }

  private static ObjectNode object() {
    return Json.MAPPER.createObjectNode();
  }
}
