package io.coterie.model;

import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A place that answers model requests: one of the services known by name, or anything that speaks
 * like one of them. Immutable.
 *
 * @param name how settings and {@code PROVIDER/MODEL} references call it
 * @param type the protocol it speaks
 * @param baseUrl what request paths are appended to; where null or blank, the type's own service
 * @param apiKey the secret it asks for; null where it asks for none. {@link #toString} leaves it
 *     out
 */
public record Provider(String name, Type type, String baseUrl, String apiKey) {

  private static final Pattern HOST_ALONE = Pattern.compile("https?://[^/]+/?");

  /** The protocols, each with the address of the service it comes from. */
  public enum Type {
    /** OpenAI's chat completions, which many other services and local servers speak as well. */
    OPENAI("https://api.openai.com/v1"),
    /** Anthropic's messages. */
    ANTHROPIC("https://api.anthropic.com/v1"),
    /** Ollama's own chat protocol. */
    OLLAMA("http://localhost:11434");

    private final String defaultBaseUrl;

    Type(String defaultBaseUrl) {
      this.defaultBaseUrl = defaultBaseUrl;
    }

    /** The address used where none is set. */
    public String defaultBaseUrl() {
      return defaultBaseUrl;
    }
  }

  public Provider {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    baseUrl = baseUrl == null || baseUrl.isBlank() ? type.defaultBaseUrl() : baseUrl.strip();
    if (type == Type.ANTHROPIC && HOST_ALONE.matcher(baseUrl).matches()) {
      // As Anthropic's own clients write the address.
      baseUrl = baseUrl.replaceFirst("/$", "") + "/v1";
    }
    apiKey = apiKey == null || apiKey.isBlank() ? null : apiKey.strip();
  }

  /** A text without the key and the address, which some providers quote when they refuse it. */
  String withoutKey(String text) {
    String tidy = text.replace(baseUrl, "[address]");
    return apiKey == null || apiKey.length() < 4 ? tidy : tidy.replace(apiKey, "[key]");
  }

  /** Whether requests go to the service that the protocol comes from. */
  boolean isDefaultService() {
    return baseUrl.startsWith(type.defaultBaseUrl());
  }

  /** The name of one of this provider's settings, for messages to people. */
  String setting(String key) {
    return "provider." + name + "." + key;
  }

  @Override
  public String toString() {
    return "Provider[name=%s, type=%s, baseUrl=%s, apiKey=%s]"
        .formatted(
            name, type.name().toLowerCase(Locale.ROOT), baseUrl, apiKey == null ? "none" : "***");
  }
}
