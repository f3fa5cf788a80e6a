package io.coterie.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * The OpenAPI 3.1 document of this server, put together from one file for each part of it: {@code
 * base.json} holds what is common, every other one a {@code tag}, its {@code paths}, and what goes
 * into the components. Parts may share a tag and a path. What {@link ApiOperations} writes out may
 * be short in them.
 */
final class ApiDocument {

  /** The parts, in the order in which people read them. */
  private static final List<String> PARTS =
      List.of(
          "accounts",
          "usage",
          "keys",
          "workspaces",
          "chats",
          "ask",
          "messages",
          "live",
          "socketio",
          "agents",
          "registry",
          "openai",
          "admin",
          "operations");

  private static final List<String> COMPONENTS = List.of("schemas", "parameters", "responses");

  private final ObjectNode document = read("base");

  private ApiDocument() {}

  /** The document of that version of the server. The same each time. */
  static ObjectNode of(String version) {
    ApiDocument document = new ApiDocument();
    ((ObjectNode) document.document.path("info")).put("version", version);
    PARTS.forEach(part -> document.add(part, read(part)));
    return document.document;
  }

  private void add(String part, ObjectNode json) {
    String tag = json.path("tag").path("name").textValue();
    if (!document.path("tags").findValuesAsText("name").contains(tag)) {
      ((ArrayNode) document.path("tags")).add(json.path("tag"));
    }
    ApiOperations operations = new ApiOperations(tag);
    ObjectNode paths = (ObjectNode) document.path("paths");
    for (Map.Entry<String, JsonNode> path : json.path("paths").properties()) {
      ObjectNode item = paths.withObjectProperty(path.getKey());
      for (Map.Entry<String, JsonNode> entry : path.getValue().properties()) {
        boolean shared = entry.getKey().equals("parameters");
        JsonNode value =
            shared ? entry.getValue() : operations.written((ObjectNode) entry.getValue());
        JsonNode before = item.replace(entry.getKey(), value);
        if (before != null && !before.equals(value)) {
          throw new IllegalStateException(part + " says anew what " + path.getKey() + " is");
        }
      }
    }
    for (String kind : COMPONENTS) {
      ObjectNode all = document.withObject("/components/" + kind);
      for (Map.Entry<String, JsonNode> one : json.path(kind).properties()) {
        if (all.replace(one.getKey(), one.getValue()) != null) {
          throw new IllegalStateException(part + " says anew what " + one.getKey() + " is");
        }
      }
    }
  }

  private static ObjectNode read(String part) {
    try (InputStream in = ApiDocument.class.getResourceAsStream("/openapi/" + part + ".json")) {
      return (ObjectNode) Json.MAPPER.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
