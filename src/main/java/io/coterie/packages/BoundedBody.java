package io.coterie.packages;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/**
 * The body of one response, kept in memory up to a limit that counts what arrives, not what was
 * announced. The body of anything but a success is not read at all. For one response only.
 */
final class BoundedBody
    implements HttpResponse.BodyHandler<byte[]>, HttpResponse.BodySubscriber<byte[]> {

  /** More arrived than was allowed. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private final int maxBytes;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final CompletableFuture<Void> begun = new CompletableFuture<>();
  private final CompletableFuture<byte[]> body = new CompletableFuture<>();
  private volatile boolean wanted;
  private Flow.Subscription subscription;
  private boolean cancelled;

  BoundedBody(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Completed when the head of the response is there. */
  CompletableFuture<Void> begun() {
    return begun;
  }

  /** Stops receiving; harmless once everything is there. */
  synchronized void cancel() {
    cancelled = true;
    if (subscription != null) {
      subscription.cancel();
    }
  }

  @Override
  public HttpResponse.BodySubscriber<byte[]> apply(HttpResponse.ResponseInfo info) {
    wanted = info.statusCode() >= 200 && info.statusCode() < 300;
    begun.complete(null);
    return this;
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return body;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    synchronized (this) {
      subscription = given;
      if (cancelled || !wanted) {
        given.cancel();
      }
    }
    if (wanted) {
      given.request(Long.MAX_VALUE);
    } else {
      body.complete(new byte[0]);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      if (body.isDone()) {
        return;
      }
      if (buffer.remaining() > maxBytes - bytes.size()) {
        cancel();
        body.completeExceptionally(new TooLargeException());
        return;
      }
      byte[] piece = new byte[buffer.remaining()];
      buffer.get(piece);
      bytes.writeBytes(piece);
    }
  }

  @Override
  public void onError(Throwable error) {
    body.completeExceptionally(error);
  }

  @Override
  public void onComplete() {
    body.complete(bytes.toByteArray());
  }
}
