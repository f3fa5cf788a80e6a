package io.coterie.agent;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.http.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads typed fields of one JSON object; each refusal names the field. Lengths are in code points.
 * Immutable.
 */
final class ManifestFields {

  /**
   * A text needs a character that is no white space, neither to ECMA-262 nor to Java, which differ.
   */
  static final String VISIBLE =
      "[^\\u0009-\\u000d\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029"
          + "\\u202f\\u205f\\u3000\\ufeff]";

  private static final Pattern VISIBLE_PATTERN = Pattern.compile(VISIBLE);

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
    boolean blank = node != null && node.isTextual() && isBlank(node.textValue());
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
    double value = json.get(field).isNumber() ? json.get(field).doubleValue() : Double.NaN;
    // As in JSON Schema, 5.0 is a whole number.
    if (!(value >= min && value <= max) || value != Math.rint(value)) {
      throw new ManifestException(field + " must be a whole number from " + min + " to " + max);
    }
    return (int) value;
  }

  /** An absolute web address, or null where the field is absent. */
  String webAddress(String field, int max) throws ManifestException {
    String text = optional(field, max);
    return text == null ? null : webAddress(field, text);
  }

  static String webAddress(String field, String text) throws ManifestException {
    if (!WebAddress.matches(text)) {
      throw new ManifestException(field + " must be an http or https address");
    }
    return text;
  }

  static String text(String field, JsonNode node, int max) throws ManifestException {
    if (node == null || !node.isTextual()) {
      throw new ManifestException(expected(field, max));
    }
    return text(field, node.textValue(), max);
  }

  static String text(String field, String text, int max) throws ManifestException {
    if (isBlank(text) || Fields.isTooLong(text, max)) {
      throw new ManifestException(expected(field, max));
    }
    if (!Fields.isStorable(text)) {
      throw new ManifestException(field + " must be text without NUL and unpaired surrogates");
    }
    return text;
  }

  private static String expected(String field, int max) {
    return field + " must be a text of 1 to " + max + " characters";
  }

  private static boolean isBlank(String text) {
    return !VISIBLE_PATTERN.matcher(text).find();
  }
}
