package io.coterie.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import java.util.Optional;

/**
 * The fields of a JSON object that a client sent, read by the rules that hold on every route: a
 * string that is absent, null or blank is missing; one of another type, too long, or with
 * characters that no store keeps is refused by name.
 */
public final class Fields {

  /** Of a longer body the fields are read one by one; in bytes. */
  private static final int LARGE = 16 * 1024;

  private final Source json;

  /** An object, by the names of its fields; null for one that it does not have. */
  private interface Source {
    JsonNode get(String name);
  }

  public Fields(ObjectNode json) {
    this(json::get);
  }

  private Fields(Source json) {
    this.json = json;
  }

  /** The request's body, whatever its Content-Type; 400 where it is no JSON object. */
  public static Fields of(Context ctx) {
    return of(RequestBodies.take(ctx));
  }

  /** As {@link #of}, with an empty object in place of anything that is none. */
  public static Fields ofOptional(Context ctx) {
    return read(RequestBodies.take(ctx)).orElseGet(Fields::none);
  }

  /** As {@link #of}, with an empty object where there is no body. */
  public static Fields ofEmptyOr(Context ctx) {
    byte[] body = RequestBodies.take(ctx);
    return body.length == 0 ? none() : of(body);
  }

  private static Fields of(byte[] body) {
    return read(body).orElseThrow(() -> ApiException.badRequest("Missing JSON in request"));
  }

  private static Optional<Fields> read(byte[] body) {
    return body.length > LARGE
        ? Json.decode(body).flatMap(LazyObject::of).map(object -> new Fields(object::get))
        : Json.readObject(body).map(Fields::new);
  }

  private static Fields none() {
    return new Fields(Json.MAPPER.createObjectNode());
  }

  /** Whether the field is absent, null or a blank string. */
  public boolean isMissing(String name) {
    JsonNode value = json.get(name);
    return value == null || value.isNull() || (value.isTextual() && value.textValue().isBlank());
  }

  /** Whether the field is there, be it null. */
  public boolean has(String name) {
    return json.get(name) != null;
  }

  /** Whether the field is there and null. */
  public boolean isNull(String name) {
    return has(name) && json.get(name).isNull();
  }

  /** Whether the field is a string, be it blank. */
  public boolean isString(String name) {
    JsonNode value = json.get(name);
    return value != null && value.isTextual();
  }

  /** The string of that name; 400 {@code missing} where it is missing. */
  public String required(String name, int maxLength, String missing) {
    return optional(name, maxLength).orElseThrow(() -> ApiException.badRequest(missing));
  }

  /** The string of that name; empty where it is missing. Lengths are in UTF-16 units. */
  public Optional<String> optional(String name, int maxLength) {
    if (isMissing(name)) {
      return Optional.empty();
    }
    JsonNode value = json.get(name);
    if (!value.isTextual()) {
      throw ApiException.badRequest(name + " must be a string");
    }
    return Optional.of(checked(name, value.textValue(), maxLength));
  }

  /** The value of that name, of whatever type; null where the field is absent. */
  public JsonNode get(String name) {
    return json.get(name);
  }

  /** The boolean of that name; empty where it is absent or null. */
  public Optional<Boolean> optionalBoolean(String name) {
    JsonNode value = json.get(name);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isBoolean()) {
      throw ApiException.badRequest(name + " must be true or false");
    }
    return Optional.of(value.booleanValue());
  }

  /**
   * {@code text} itself, where it is short enough and any store can keep it; else a 400 that names
   * the field.
   */
  public static String checked(String name, String text, int maxLength) {
    if (isTooLong(text, maxLength)) {
      throw ApiException.badRequest(name + " must be at most " + maxLength + " characters long");
    }
    if (!isStorable(text)) {
      throw ApiException.badRequest(
          name + " must be text without NUL characters and unpaired surrogates");
    }
    return text;
  }

  /** Whether text has more characters than that, each code point being one. */
  public static boolean isTooLong(String text, int maxLength) {
    return text.length() > maxLength && text.codePointCount(0, text.length()) > maxLength;
  }

  /** Whether text has neither a NUL nor half of a surrogate pair, which UTF-8 cannot express. */
  public static boolean isStorable(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0 || Character.isLowSurrogate(c)) {
        return false;
      }
      if (Character.isHighSurrogate(c)
          && (++i == text.length() || !Character.isLowSurrogate(text.charAt(i)))) {
        return false;
      }
    }
    return true;
  }
}
