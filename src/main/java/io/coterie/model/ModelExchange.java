package io.coterie.model;

import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.http.client.sse.ServerSentEventContext;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParsingHandle;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One request and its reply. Bytes are handled as they come, so no thread waits for a server.
 *
 * <p>Callbacks hold {@code delivery}, so they never overlap; a thread that cancels never takes it,
 * for it may hold locks that a callback waits for. {@code told} decides who tells the listener the
 * end; the exchange on the wire may last a little longer.
 */
final class ModelExchange
    implements HttpResponse.BodyHandler<Void>,
        HttpResponse.BodySubscriber<Void>,
        ServerSentEventParsingHandle {

  static final long MAX_REPLY_BYTES = 64L << 20;
  static final int MAX_ERROR_BYTES = 64 << 10;

  /**
   * How long the end of a body may take after its last event; then the connection is not reused.
   */
  private static final Duration LINGER = Duration.ofSeconds(1);

  private final Provider provider;
  private final ModelTransport transport;
  private final ModelTimeouts timeouts;
  private final Cancellation cancellation;
  private final ServerSentEventListener listener;
  private final ServerSentEventContext context = new ServerSentEventContext(this);
  private final ReplyStream reply;
  private final ByteArrayOutputStream errorBody = new ByteArrayOutputStream();
  private final CompletableFuture<Void> body = new CompletableFuture<>();
  private final Object delivery = new Object();
  private final AtomicBoolean told = new AtomicBoolean();
  private final SilenceTimer timer;

  private volatile Future<?> sent;
  private volatile Flow.Subscription subscription;
  private volatile Cancellation.Registration registration;
  private volatile boolean stopped;
  private volatile int status;
  private volatile RetryAdvice advice = RetryAdvice.SILENT;
  private volatile boolean begun;
  private volatile boolean over;
  private long received;

  ModelExchange(
      Provider provider,
      ModelTransport transport,
      ModelTimeouts timeouts,
      Cancellation cancellation,
      ServerSentEventListener listener) {
    this.provider = provider;
    this.transport = transport;
    this.timeouts = timeouts;
    this.cancellation = cancellation;
    this.listener = listener;
    this.reply = new ReplyStream(provider.type(), this::deliver);
    this.timer = new SilenceTimer(transport, this::expire);
  }

  /** Sends the request and returns; a run that is already cancelled sends nothing. */
  void start(HttpRequest request) {
    if (cancellation.isCancelled()) {
      tell(() -> listener.onError(new CancellationException()));
      return;
    }
    java.net.http.HttpClient client;
    try {
      client = transport.enter(this);
    } catch (CancellationException e) {
      tell(() -> listener.onError(e));
      return;
    }
    timer.restart(timeouts.firstToken());
    CompletableFuture<HttpResponse<Void>> exchange;
    try {
      exchange = client.sendAsync(request, this);
    } catch (IllegalArgumentException e) {
      cleanUp();
      tell(() -> listener.onError(e));
      return;
    }
    sent = exchange;
    registration = cancellation.onCancel(this::cancel);
    var unused = exchange.whenComplete((response, error) -> finished(error));
    if (stopped) {
      abort();
    }
  }

  /**
   * Stops the request wherever it is. The listener is told on another thread.
   *
   * <p>A reply that is over is left alone: its connection may be carrying another's request by now,
   * which the JDK's client would tear down with it.
   */
  @Override
  public void cancel() {
    if (over || reply.isEnded()) {
      return;
    }
    stopped = true;
    if (told.compareAndSet(false, true)) {
      transport.execute(() -> callBack(() -> listener.onError(new CancellationException())));
    }
    abort();
  }

  @Override
  public boolean isCancelled() {
    return stopped;
  }

  // What the JDK's client calls, on a callback thread, one call at a time.

  @Override
  public HttpResponse.BodySubscriber<Void> apply(HttpResponse.ResponseInfo response) {
    status = response.statusCode();
    if (isSuccess()) {
      SuccessfulHttpResponse opened =
          SuccessfulHttpResponse.builder()
              .statusCode(status)
              .headers(response.headers().map())
              .build();
      synchronized (delivery) {
        if (!told.get()) {
          listener.onOpen(opened);
        }
      }
    } else {
      advice = RetryAdvice.of(response.headers(), Instant.now());
    }
    return this;
  }

  @Override
  public CompletionStage<Void> getBody() {
    return body;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscribed) {
    subscription = subscribed;
    if (stopped) {
      abort();
    } else {
      subscribed.request(1);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    // Once the listener is told, only the end of the body is awaited, and not for long.
    if (!told.get()) {
      take(buffers);
    }
    if (!stopped) {
      subscription.request(1);
    }
  }

  @Override
  public void onError(Throwable error) {
    end(CallFailure.Kind.BROKE_OFF, error);
    body.completeExceptionally(error);
  }

  @Override
  public void onComplete() {
    over = true;
    if (isSuccess() && !told.get()) {
      try {
        synchronized (delivery) {
          reply.finish();
        }
      } catch (RuntimeException e) {
        fail(e);
      }
    }
    end(CallFailure.Kind.BROKE_OFF, null);
    body.complete(null);
  }

  private void take(List<ByteBuffer> buffers) {
    timer.pause();
    for (ByteBuffer buffer : buffers) {
      received += buffer.remaining();
    }
    if (isSuccess()) {
      readReply(buffers);
    } else {
      readError(buffers);
    }
    timer.resume();
    if (reply.isEnded()) {
      timer.restart(LINGER);
    } else if (!begun) {
      timer.restart(timeouts.idle());
    }
    begun = true;
  }

  private void readReply(List<ByteBuffer> buffers) {
    try {
      synchronized (delivery) {
        reply.read(buffers);
      }
    } catch (RuntimeException e) {
      fail(e);
      return;
    }
    if (reply.isEnded()) {
      tell(listener::onClose);
    } else if (received > MAX_REPLY_BYTES) {
      fail(new CallFailure(CallFailure.Kind.TOO_LARGE, "The reply exceeds the limit"));
    }
  }

  private void readError(List<ByteBuffer> buffers) {
    synchronized (delivery) {
      for (ByteBuffer buffer : buffers) {
        byte[] bytes = new byte[Math.min(buffer.remaining(), MAX_ERROR_BYTES - errorBody.size())];
        buffer.get(bytes);
        errorBody.writeBytes(bytes);
      }
    }
    if (received >= MAX_ERROR_BYTES) {
      end(CallFailure.Kind.BROKE_OFF, null);
      stop();
    }
  }

  private void deliver(ServerSentEvent event) {
    if (!told.get()) {
      listener.onEvent(event, context);
    }
  }

  // Endings.

  /** Nothing more comes: tells the listener what that makes of the reply, if it is not told yet. */
  private void end(CallFailure.Kind kind, Throwable cause) {
    if (status == 0 || isSuccess()) {
      tell(
          () -> {
            if (reply.isWhole()) {
              listener.onClose();
            } else {
              listener.onError(new CallFailure(kind, "The reply did not arrive whole", cause));
            }
          });
    } else {
      tell(
          () -> {
            String text = provider.withoutKey(errorBody.toString(StandardCharsets.UTF_8));
            listener.onError(new RefusedRequest(status, text, advice));
          });
    }
  }

  private void fail(RuntimeException error) {
    tell(() -> listener.onError(CallFailure.withoutKey(error, provider)));
    stop();
  }

  private void expire() {
    end(begun ? CallFailure.Kind.STALLED : CallFailure.Kind.SILENT, null);
    stop();
  }

  private void finished(Throwable error) {
    if (error != null) {
      Throwable cause = error instanceof CompletionException ? error.getCause() : error;
      tell(() -> listener.onError(cause));
    }
    cleanUp();
  }

  private void tell(Runnable callback) {
    if (told.compareAndSet(false, true)) {
      callBack(callback);
    }
  }

  private void callBack(Runnable callback) {
    synchronized (delivery) {
      try {
        callback.run();
      } catch (RuntimeException e) {
        // LangChain4j puts the reply together in onClose; the run must hear where that fails.
        listener.onError(e);
      }
    }
  }

  private void stop() {
    stopped = true;
    abort();
  }

  private void abort() {
    Future<?> exchange = sent;
    if (exchange != null) {
      exchange.cancel(true);
    }
    Flow.Subscription reading = subscription;
    if (reading != null) {
      reading.cancel();
    }
    // Otherwise the JDK's client counts the exchange as open and outlives its last reference.
    body.completeExceptionally(new CancellationException());
  }

  private void cleanUp() {
    transport.leave(this);
    Cancellation.Registration cancelling = registration;
    if (cancelling != null) {
      cancelling.close();
    }
    timer.close();
  }

  private boolean isSuccess() {
    return status >= 200 && status < 300;
  }
}
