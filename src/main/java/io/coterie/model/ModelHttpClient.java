package io.coterie.model;

import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The HTTP client of one opened model: every request it makes is bound to the run's {@link
 * Cancellation} and to {@link ModelTimeouts}. Thread-safe.
 *
 * <p>The listener gets exactly one of {@code onClose}, for a reply that is whole, and {@code
 * onError}, never at the same time as another callback, on a thread of {@link ModelTransport}.
 */
final class ModelHttpClient implements HttpClient {

  private final Provider provider;
  private final ModelTransport transport;
  private final ModelTimeouts timeouts;
  private final Cancellation cancellation;

  ModelHttpClient(
      Provider provider,
      ModelTransport transport,
      ModelTimeouts timeouts,
      Cancellation cancellation) {
    this.provider = provider;
    this.transport = transport;
    this.timeouts = timeouts;
    this.cancellation = cancellation;
  }

  /** Not offered: replies are only ever streamed, and a blocking call would hold a thread. */
  @Override
  public SuccessfulHttpResponse execute(HttpRequest request) {
    throw new UnsupportedOperationException("Replies are only streamed");
  }

  /** Leaves {@code parser} aside: parsers read from a blocking stream. See {@link ReplyStream}. */
  @Override
  public void execute(
      HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
    new ModelExchange(provider, transport, timeouts, cancellation, listener)
        .start(toJdkRequest(request));
  }

  private static java.net.http.HttpRequest toJdkRequest(HttpRequest request) {
    java.net.http.HttpRequest.Builder builder =
        java.net.http.HttpRequest.newBuilder(URI.create(request.url()));
    for (Map.Entry<String, List<String>> header : request.headers().entrySet()) {
      header.getValue().forEach(value -> builder.header(header.getKey(), value));
    }
    return builder
        .method(
            request.method().name(),
            BodyPublishers.ofString(ToolSpecs.unwrap(request.body()), StandardCharsets.UTF_8))
        .build();
  }

  /** Hands over the client it was made with: the timeouts LangChain4j would set are not ours. */
  static final class Builder implements HttpClientBuilder {

    private final ModelHttpClient client;
    private Duration connectTimeout;
    private Duration readTimeout;

    Builder(ModelHttpClient client) {
      this.client = client;
      this.connectTimeout = client.timeouts.connect();
      this.readTimeout = client.timeouts.idle();
    }

    @Override
    public Duration connectTimeout() {
      return connectTimeout;
    }

    @Override
    public HttpClientBuilder connectTimeout(Duration timeout) {
      connectTimeout = timeout;
      return this;
    }

    @Override
    public Duration readTimeout() {
      return readTimeout;
    }

    @Override
    public HttpClientBuilder readTimeout(Duration timeout) {
      readTimeout = timeout;
      return this;
    }

    @Override
    public HttpClient build() {
      return client;
    }
  }
}
