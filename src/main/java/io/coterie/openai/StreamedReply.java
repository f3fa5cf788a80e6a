package io.coterie.openai;

import io.coterie.chat.SseResponse;
import io.coterie.http.ApiException;
import io.coterie.http.Json;
import io.coterie.http.OpenAiException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Sends a reply in chunks. The response begins with the first of them, or after a while: until then
 * a failure can be told with a status. Thread-safe.
 */
final class StreamedReply implements Completion.Client {

  /** Proxies give up on a server that is silent for long; an open stream is kept alive. */
  private static final int LATEST_BEGIN_SECONDS = 10;

  private final SseResponse response;
  private final CompletionJson json;
  private final boolean includeUsage;
  private final CompletableFuture<Void> begun = new CompletableFuture<>();

  StreamedReply(SseResponse response, CompletionJson json, boolean includeUsage) {
    this.response = response;
    this.json = json;
    this.includeUsage = includeUsage;
    response.data(Json.write(json.first()));
  }

  /** Completes when the response is to begin, with a failure where it is that alone. */
  CompletableFuture<Void> begun() {
    return begun.completeOnTimeout(null, LATEST_BEGIN_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void text(String piece) {
    begun.complete(null);
    response.data(Json.write(json.piece(piece)));
  }

  @Override
  public void ended(Completion.Outcome outcome) {
    ApiException failure = outcome.failure();
    if (failure != null && begun.completeExceptionally(failure)) {
      return;
    }
    if (failure == null) {
      begun.complete(null);
      response.data(Json.write(json.last(outcome)));
      if (includeUsage) {
        response.data(Json.write(json.cost(outcome)));
      }
      response.data("[DONE]");
    } else {
      OpenAiException told =
          failure instanceof OpenAiException known
              ? known
              : new OpenAiException(failure.status(), failure.getMessage(), null, null, Map.of());
      response.data(Json.write(told.body()));
    }
    response.end();
  }
}
