package io.coterie.packages;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads UTF-8 and JSON (RFC 8259) so that two readers cannot see two different things. */
final class StrictJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private StrictJson() {}

  /**
   * Reads one JSON object.
   *
   * @param what names the document in a refusal
   */
  static JsonNode object(byte[] bytes, String what) throws RefusedException {
    try {
      JsonNode json = MAPPER.readTree(text(bytes, what));
      if (json != null && json.isObject()) {
        return json;
      }
      throw new RefusedException(what + " is not a JSON object");
    } catch (JsonProcessingException e) {
      throw new RefusedException(what + " is not valid JSON", e);
    }
  }

  /** Decodes UTF-8, without the byte order mark that some editors write. */
  static String text(byte[] bytes, String what) throws RefusedException {
    String text = exactText(bytes, what);
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  /** Decodes UTF-8. */
  static String exactText(byte[] bytes, String what) throws RefusedException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new RefusedException(what + " is not UTF-8", e);
    }
  }
}
