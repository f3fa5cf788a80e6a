package io.coterie.config;

import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/**
 * Where a model is asked, and with which key. Immutable. Its text shows no key.
 *
 * @param name lower-case letters and digits; the part of {@code PROVIDER/MODEL} before the slash
 * @param baseUrl http or https, without a slash at its end
 * @param apiKey null where there is none
 */
public record ProviderConfig(String name, Type type, String baseUrl, String apiKey) {

  /** What a provider speaks. */
  public enum Type {
    OPENAI("https://api.openai.com/v1", "OPENAI_API_KEY", "OPENAI_BASE_URL", "gpt-4.1-mini"),
    ANTHROPIC("https://api.anthropic.com/v1", "ANTHROPIC_API_KEY", null, "claude-sonnet-4-5"),
    OLLAMA("http://localhost:11434", null, null, null);

    final String usualUrl;
    final String keyVariable;
    final String urlVariable;
    final String usualModel;

    Type(String usualUrl, String keyVariable, String urlVariable, String usualModel) {
      this.usualUrl = usualUrl;
      this.keyVariable = keyVariable;
      this.urlVariable = urlVariable;
      this.usualModel = usualModel;
    }

    String usualName() {
      return Values.lowerCase(this);
    }
  }

  @Override
  public String toString() {
    return "ProviderConfig[name=%s, type=%s, baseUrl=%s, apiKey=%s]"
        .formatted(name, type, baseUrl, Config.mask(apiKey));
  }

  /** The configured providers and those that a key in the environment makes, by name. */
  static List<ProviderConfig> readAll(Settings s) {
    TreeMap<String, ProviderConfig> found = new TreeMap<>();
    for (String name : s.providerNames()) {
      ProviderConfig provider = read(s, name);
      if (provider != null) {
        found.put(name, provider);
      }
    }
    for (Type type : Type.values()) {
      String name = type.usualName();
      ProviderConfig configured = found.get(name);
      if (configured == null ? !isMentioned(s, name) : configured.wantsForeignKey(type)) {
        ProviderConfig made = fromEnvironment(s, type);
        if (made != null) {
          found.put(name, made);
        }
      }
    }
    return List.copyOf(found.values());
  }

  /** Whether any setting was given for the provider, be it right or wrong. */
  private static boolean isMentioned(Settings s, String name) {
    return List.of("type", "base-url", "api-key").stream()
        .anyMatch(part -> s.isGiven("provider." + name + "." + part));
  }

  private static ProviderConfig read(Settings s, String name) {
    String prefix = "provider." + name + ".";
    Values.Kind<Type> types = Values.choice(Type.class);
    Type type = s.take(prefix + "type", types);
    String url = s.takeSecret(prefix + "base-url", Addresses.WEB_ADDRESS);
    String key = s.takeSecret(prefix + "api-key", Values.API_KEY);
    if (isMentioned(s, name) && !s.isGiven(prefix + "type")) {
      String given = prefix + (s.isGiven(prefix + "base-url") ? "base-url" : "api-key");
      s.mistake(given, prefix + "type is missing; expected " + types.expected());
    }
    return type == null
        ? null
        : new ProviderConfig(name, type, url == null ? type.usualUrl : url, key);
  }

  /** A key never goes to an address that it was not meant for. */
  private boolean wantsForeignKey(Type usual) {
    return type == usual && apiKey == null && baseUrl.equals(usual.usualUrl);
  }

  private static ProviderConfig fromEnvironment(Settings s, Type type) {
    if (type.keyVariable == null || !s.isForeignGiven(type.keyVariable)) {
      return null;
    }
    String key = s.takeForeign(type.keyVariable, Values.API_KEY);
    boolean isPlaced = type.urlVariable == null || s.isGiven(urlKey(type));
    String url = isPlaced ? null : s.takeForeign(type.urlVariable, Addresses.WEB_ADDRESS);
    return new ProviderConfig(type.usualName(), type, url == null ? type.usualUrl : url, key);
  }

  private static String urlKey(Type type) {
    return "provider." + type.usualName() + ".base-url";
  }

  /** What {@code model.default} says, else the usual model of the first provider with a key. */
  static String defaultModel(Settings s, List<ProviderConfig> providers) {
    String asked = s.take("model.default", Values.MODEL);
    if (asked != null) {
      return withProvider(s, asked, providers);
    }
    for (Type type : List.of(Type.OPENAI, Type.ANTHROPIC)) {
      for (ProviderConfig p : providers) {
        boolean isUsual = p.type == type && p.name.equals(type.usualName()) && p.apiKey != null;
        if (isUsual && (p.baseUrl.equals(type.usualUrl) || !s.isGiven(urlKey(type)))) {
          return p.name + "/" + type.usualModel;
        }
      }
    }
    return null;
  }

  private static String withProvider(Settings s, String model, List<ProviderConfig> providers) {
    int slash = model.indexOf('/');
    String name = model.substring(0, slash).toLowerCase(Locale.ROOT);
    if (providers.stream().noneMatch(p -> p.name.equals(name)) && !isMentioned(s, name)) {
      s.mistake(
          "model.default",
          "there is no provider '" + name + "'; expected provider." + name + ".type to be set");
    }
    return name + model.substring(slash);
  }
}
