package io.coterie.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * A large JSON object, read anew for each field that somebody asks for: fields that nobody asks for
 * cost time, but no memory. Immutable.
 */
final class LazyObject {

  // Names are read over: to remember them would be of no use.
  private static final JsonFactory READER =
      Json.MAPPER
          .getFactory()
          .copy()
          .configure(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, false);

  private static final ObjectReader VALUES =
      Json.MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final String text;

  private LazyObject(String text) {
    this.text = text;
  }

  /** The object that {@code text} is; empty where it is anything else, malformed JSON included. */
  static Optional<LazyObject> of(String text) {
    try (JsonParser parser = READER.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      parser.skipChildren();
      boolean whole = parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null;
      return whole ? Optional.of(new LazyObject(text)) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The value of that name, the last where there are several; null where there is none. */
  JsonNode get(String name) {
    JsonNode found = null;
    try (JsonParser parser = READER.createParser(text)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = parser.currentName().equals(name);
        parser.nextToken();
        if (wanted) {
          found = VALUES.readTree(parser);
        } else {
          parser.skipChildren();
        }
      }
      return found;
    } catch (IOException e) {
      // It could be read before.
      throw new UncheckedIOException(e);
    }
  }
}
