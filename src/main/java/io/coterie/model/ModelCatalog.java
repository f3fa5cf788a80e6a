package io.coterie.model;

import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel.AnthropicStreamingChatModelBuilder;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.ollama.OllamaStreamingChatModel.OllamaStreamingChatModelBuilder;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel.OpenAiStreamingChatModelBuilder;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;

/**
 * The models that the configured providers offer. Thread-safe.
 *
 * <p>Connections, and the threads that serve them, exist from the first request on. {@link #close}
 * ends requests in progress as if their runs were cancelled.
 */
public final class ModelCatalog implements Models, AutoCloseable {

  /**
   * Anthropic's API wants a limit with each request. This is the lowest that all models on offer
   * reach; LangChain4j's own default, 1,024, would cut an ordinary answer short.
   */
  private static final int ANTHROPIC_MAX_TOKENS = 8192;

  private final Map<String, Provider> providers;
  private final String defaultModel;
  private final ModelTimeouts timeouts;
  private final ModelTransport transport;

  /**
   * @param providers by name
   * @param defaultModel {@code PROVIDER/MODEL}, or null for none
   */
  public ModelCatalog(
      Map<String, Provider> providers, String defaultModel, ModelTimeouts timeouts) {
    this.providers = Map.copyOf(providers);
    this.defaultModel = defaultModel;
    this.timeouts = timeouts;
    this.transport = new ModelTransport(timeouts.connect());
  }

  @Override
  public boolean configured() {
    return defaultModel != null;
  }

  @Override
  public Optional<String> defaultModel() {
    return Optional.ofNullable(defaultModel);
  }

  @Override
  public StreamingChatModel open(
      String ref, Double temperature, Integer maxOutputTokens, Cancellation cancellation) {
    String wanted = ref == null ? defaultModel : ref;
    if (wanted == null) {
      throw notConfigured(
          "No model is configured. Set model.default=PROVIDER/MODEL and provider.PROVIDER.type,"
              + " or just OPENAI_API_KEY or ANTHROPIC_API_KEY.");
    }
    int slash = wanted.indexOf('/');
    if (slash < 1 || slash == wanted.length() - 1) {
      throw notConfigured(
          "The model \"%s\" is not of the form PROVIDER/MODEL."
              .formatted(ProviderError.tidy(wanted)));
    }
    String name = wanted.substring(0, slash);
    Provider provider = providers.get(name);
    if (provider == null) {
      throw notConfigured(
          "There is no model provider \"%1$s\". Set provider.%1$s.type."
              .formatted(ProviderError.tidy(name)));
    }
    check(provider);
    ModelHttpClient.Builder http =
        new ModelHttpClient.Builder(
            new ModelHttpClient(provider, transport, timeouts, cancellation));
    String model = wanted.substring(slash + 1);
    StreamingChatModel opened =
        switch (provider.type()) {
          case OPENAI -> openAi(provider, model, temperature, maxOutputTokens, http);
          case ANTHROPIC -> anthropic(provider, model, temperature, maxOutputTokens, http);
          case OLLAMA -> ollama(provider, model, temperature, maxOutputTokens, http);
        };
    return new GuardedModel(
        opened, cancellation, request -> ProviderRequest.of(request, provider.type()));
  }

  @Override
  public void close() {
    transport.close();
  }

  // The builders are made with `new`: their static factories search the class path each time.

  private static StreamingChatModel openAi(
      Provider provider,
      String model,
      Double temperature,
      Integer maxOutputTokens,
      ModelHttpClient.Builder http) {
    OpenAiStreamingChatModelBuilder builder =
        new OpenAiStreamingChatModelBuilder()
            .httpClientBuilder(http)
            .baseUrl(provider.baseUrl())
            .apiKey(provider.apiKey())
            .modelName(model)
            .temperature(temperature);
    // OpenAI's newer models refuse max_tokens, other servers know nothing else.
    return provider.isDefaultService()
        ? builder.maxCompletionTokens(maxOutputTokens).build()
        : builder.maxTokens(maxOutputTokens).build();
  }

  private static StreamingChatModel anthropic(
      Provider provider,
      String model,
      Double temperature,
      Integer maxOutputTokens,
      ModelHttpClient.Builder http) {
    return new AnthropicStreamingChatModelBuilder()
        .httpClientBuilder(http)
        .baseUrl(provider.baseUrl())
        .apiKey(provider.apiKey())
        .modelName(model)
        .temperature(temperature)
        .maxTokens(maxOutputTokens == null ? ANTHROPIC_MAX_TOKENS : maxOutputTokens)
        .build();
  }

  private static StreamingChatModel ollama(
      Provider provider,
      String model,
      Double temperature,
      Integer maxOutputTokens,
      ModelHttpClient.Builder http) {
    return new OllamaStreamingChatModelBuilder()
        .httpClientBuilder(http)
        .baseUrl(provider.baseUrl())
        .customHeaders(
            provider.apiKey() == null
                ? Map.of()
                : Map.of("Authorization", "Bearer " + provider.apiKey()))
        .modelName(model)
        .temperature(temperature)
        .numPredict(maxOutputTokens)
        .build();
  }

  private static void check(Provider provider) {
    String key = provider.apiKey();
    boolean needsKey =
        switch (provider.type()) {
          case OPENAI -> provider.isDefaultService();
          case ANTHROPIC -> true;
          case OLLAMA -> false;
        };
    if (key == null && needsKey) {
      throw notConfigured(
          "The model provider asks for a key. Set " + provider.setting("api-key") + ".");
    }
    if (key != null && !key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw notConfigured(
          "A key has only printable ASCII characters. Correct "
              + provider.setting("api-key")
              + ".");
    }
    if (!isWebAddress(provider.baseUrl())) {
      throw notConfigured(
          "A provider's address begins with http:// or https://. Correct "
              + provider.setting("base-url")
              + ".");
    }
  }

  private static boolean isWebAddress(String text) {
    try {
      URI uri = new URI(text);
      return uri.getHost() != null
          && ("http".equalsIgnoreCase(uri.getScheme())
              || "https".equalsIgnoreCase(uri.getScheme()));
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static RunFailure notConfigured(String text) {
    return new RunFailure(RunFailure.Code.MODEL_NOT_CONFIGURED, text);
  }
}
