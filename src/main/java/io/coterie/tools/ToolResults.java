package io.coterie.tools;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.text.Texts;
import java.util.ArrayList;
import java.util.List;

/** Turns the result of a call into text; what is no text is named. */
final class ToolResults {

  /** The most UTF-16 units of one result, the line that says so included. */
  static final int MAX_TEXT = 100_000;

  private static final int MAX_LABEL = 200;
  private static final int UNITS_OF_CUT = 100;

  private ToolResults() {}

  static ToolResult read(JsonNode result) {
    List<String> parts = new ArrayList<>();
    boolean hasText = false;
    for (JsonNode content : result.path("content")) {
      String text = text(content);
      hasText |= !text.isBlank() || content.path("resource").path("text").isTextual();
      if (!text.isEmpty()) {
        parts.add(text);
      }
      String named = named(content);
      if (!named.isEmpty()) {
        parts.add(named);
      }
    }
    JsonNode structured = result.path("structuredContent");
    if (!hasText && !structured.isMissingNode() && !structured.isNull()) {
      parts.add(0, structured.toString());
    }
    String text = bounded(Texts.whole(String.join("\n", parts)));
    return new ToolResult(text, result.path("isError").asBoolean(false));
  }

  private static String text(JsonNode content) {
    return content.path("type").asText().equals("text") ? content.path("text").asText() : "";
  }

  private static String named(JsonNode content) {
    switch (content.path("type").asText()) {
      case "text":
        return "";
      case "image":
      case "audio":
        return label(
            content.path("type").asText(),
            content.path("mimeType").asText(),
            size(content.path("data").asText()));
      case "resource":
        return resource(content.path("resource"));
      case "resource_link":
        return label(
            "link",
            content.path("name").asText(),
            content.path("uri").asText(),
            content.path("mimeType").asText());
      default:
        return label("content of a kind that cannot be shown");
    }
  }

  private static String resource(JsonNode resource) {
    String uri = resource.path("uri").asText();
    String type = resource.path("mimeType").asText();
    if (resource.path("text").isTextual()) {
      return label("resource", uri, type) + "\n" + resource.path("text").asText();
    }
    return label("resource", uri, type, size(resource.path("blob").asText()));
  }

  private static String label(String... words) {
    List<String> said = new ArrayList<>();
    for (String word : words) {
      String line = Labels.of(word, MAX_LABEL);
      if (!line.isEmpty()) {
        said.add(line);
      }
    }
    return "[" + String.join(", ", said) + "]";
  }

  /** How large the bytes are that a Base64 text stands for; a kB is 1,000 bytes. */
  private static String size(String base64) {
    long bytes = base64.length() * 3L / 4;
    return Math.max(1, Math.round(bytes / 1000.0)) + " kB";
  }

  private static String bounded(String text) {
    if (text.length() <= MAX_TEXT) {
      return text;
    }
    String kept = Texts.beginning(text, MAX_TEXT - UNITS_OF_CUT);
    return kept + "\n[cut here: it was " + text.length() + " characters long]";
  }
}
