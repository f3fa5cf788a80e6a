package io.coterie.agent;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;

/** Reads typed fields of one JSON object; each refusal names the field. Immutable. */
final class ManifestFields {
  private final JsonNode json;

  ManifestFields(JsonNode json) {
    this.json = json;
  }

  /** A field that is absent is the same as one that is null. */
  boolean has(String field) {
    return json.hasNonNull(field);
  }

  JsonNode node(String field) {
    return json.get(field);
  }

  /** A text that has to be there. */
  String required(String field, int max) throws ManifestException {
    return text(field, json.get(field), max);
  }

  /** A text, or null where the field is absent or blank. */
  String optional(String field, int max) throws ManifestException {
    JsonNode node = json.get(field);
    boolean blank = node != null && node.isTextual() && node.textValue().isBlank();
    return has(field) && !blank ? text(field, node, max) : null;
  }

  /** The texts of a list, or an empty list where the field is absent. */
  List<String> texts(String field, int maxItems, int maxLength) throws ManifestException {
    List<String> texts = new ArrayList<>();
    for (JsonNode item : items(field, maxItems)) {
      texts.add(text("each of " + field, item, maxLength));
    }
    return List.copyOf(texts);
  }

  /** The items of a list, or an empty list where the field is absent. */
  List<JsonNode> items(String field, int max) throws ManifestException {
    if (!has(field)) {
      return List.of();
    }
    JsonNode node = json.get(field);
    if (!node.isArray() || node.size() > max) {
      throw new ManifestException(field + " must be a list of at most " + max);
    }
    List<JsonNode> items = new ArrayList<>();
    node.forEach(items::add);
    return items;
  }

  /** A number from {@code min} to {@code max}, or null where the field is absent. */
  Double number(String field, double min, double max) throws ManifestException {
    if (!has(field)) {
      return null;
    }
    JsonNode node = json.get(field);
    if (!node.isNumber() || node.doubleValue() < min || node.doubleValue() > max) {
      throw new ManifestException(
          field + " must be a number from " + (long) min + " to " + (long) max);
    }
    return node.doubleValue();
  }

  /** A whole number from {@code min} to {@code max}, or null where the field is absent. */
  Integer whole(String field, int min, int max) throws ManifestException {
    if (!has(field)) {
      return null;
    }
    JsonNode node = json.get(field);
    if (!node.isIntegralNumber()
        || !node.canConvertToInt()
        || node.intValue() < min
        || node.intValue() > max) {
      throw new ManifestException(field + " must be a whole number from " + min + " to " + max);
    }
    return node.intValue();
  }

  /** An absolute web address, or null where the field is absent. */
  String webAddress(String field, int max) throws ManifestException {
    String text = optional(field, max);
    return text == null ? null : webAddress(field, text);
  }

  static String webAddress(String field, String text) throws ManifestException {
    try {
      URI uri = new URI(text);
      boolean web = "https".equalsIgnoreCase(uri.getScheme());
      web |= "http".equalsIgnoreCase(uri.getScheme());
      if (web && uri.getHost() != null) {
        return text;
      }
    } catch (URISyntaxException e) {
      // Refused below, like every other text that is no address.
    }
    throw new ManifestException(field + " must be an http or https address");
  }

  static String text(String field, JsonNode node, int max) throws ManifestException {
    if (node == null || !node.isTextual()) {
      throw new ManifestException(expected(field, max));
    }
    return text(field, node.textValue(), max);
  }

  static String text(String field, String text, int max) throws ManifestException {
    if (text.isBlank() || text.length() > max) {
      throw new ManifestException(expected(field, max));
    }
    if (text.indexOf('\0') >= 0 || text.codePoints().anyMatch(ManifestFields::isSurrogate)) {
      throw new ManifestException(field + " must be text without NUL and unpaired surrogates");
    }
    return text;
  }

  private static String expected(String field, int max) {
    return field + " must be a text of 1 to " + max + " characters";
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
