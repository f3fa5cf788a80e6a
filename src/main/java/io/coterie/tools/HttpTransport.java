package io.coterie.tools;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;

/**
 * Messages over HTTP, each in a POST of its own, as the streamable HTTP transport of the Model
 * Context Protocol has it (2025-03-26 to 2025-11-25). A stream that is cut is not resumed.
 * Thread-safe.
 */
final class HttpTransport extends ToolTransport {

  static final String SESSION = "Mcp-Session-Id";
  static final String STREAM = "text/event-stream";
  static final String JSON = "application/json";

  private static final String VERSION = "MCP-Protocol-Version";
  private static final long ASIDE_SECONDS = 10;
  private static final Duration GOODBYE = Duration.ofSeconds(2);

  private final HttpClient client;
  private final URI url;
  private final String who;
  private final Duration patience;
  private final AtomicReference<String> session = new AtomicReference<>();
  private final AtomicReference<Request> listening = new AtomicReference<>();
  private volatile String version;
  private volatile boolean changes;
  private volatile boolean stopped;

  /**
   * @param patience how long a server may be silent within an answer
   */
  HttpTransport(HttpClient client, URI url, String who, Duration patience) {
    this.client = client;
    this.url = url;
    this.who = who;
    this.patience = patience;
  }

  @Override
  void send(byte[] json, Pending pending) {
    Request request = post(json).idleTimeout(patience.toMillis(), TimeUnit.MILLISECONDS);
    request.onRequestHeaders(begins -> pending.stage(Pending.Stage.SENT));
    pending.onStop(() -> abort(request));
    request.send(new HttpAnswer(this, pending, session.get() != null, who));
    if (pending.answer().isDone()) {
      abort(request);
    }
  }

  @Override
  CompletableFuture<Void> sendAside(byte[] json) {
    HttpAnswer.Ignored answer = new HttpAnswer.Ignored();
    post(json).timeout(ASIDE_SECONDS, TimeUnit.SECONDS).send(answer);
    return answer.over();
  }

  private Request post(byte[] json) {
    return request(HttpMethod.POST)
        .headers(headers -> headers.put(HttpHeader.ACCEPT, JSON + ", " + STREAM))
        .body(new BytesRequestContent(JSON, json));
  }

  private Request request(HttpMethod method) {
    return client
        .newRequest(url)
        .method(method)
        .headers(
            headers -> {
              String id = session.get();
              if (id != null) {
                headers.put(SESSION, id);
              }
              if (version != null) {
                headers.put(VERSION, version);
              }
            });
  }

  private static void abort(Request request) {
    var unused = request.abort(ToolFailure.of("Nobody waits for it any longer."));
  }

  /** The server names the session, which it does in its answer to the handshake. */
  void joined(String id) {
    if (version == null) {
      session.compareAndSet(null, id);
    }
  }

  @Override
  void agreed(String agreed) {
    version = agreed;
  }

  @Override
  void ready(boolean mayChange) {
    changes = mayChange;
    listen();
  }

  @Override
  void listen() {
    if (!changes || stopped || listening.get() != null) {
      return;
    }
    Request request =
        request(HttpMethod.GET)
            .headers(headers -> headers.put(HttpHeader.ACCEPT, STREAM))
            .idleTimeout(0, TimeUnit.MILLISECONDS);
    if (listening.compareAndSet(null, request)) {
      request.send(
          new HttpAnswer.Listening(this, mayReturn -> stoppedListening(request, mayReturn)));
      if (stopped) {
        abort(request);
      }
    }
  }

  private void stoppedListening(Request request, boolean mayReturn) {
    changes = changes && mayReturn;
    // What was said meanwhile was missed.
    changed();
    listening.compareAndSet(request, null);
  }

  @Override
  void stop(Duration patience) {
    end(ToolFailure.untouched(who + " is no longer used.", null));
    stopped = true;
    Request open = listening.get();
    if (open != null) {
      abort(open);
    }
    if (session.get() != null) {
      long nanos = Math.max(1, Math.min(patience.toNanos(), GOODBYE.toNanos()));
      Request goodbye = request(HttpMethod.DELETE).timeout(nanos, TimeUnit.NANOSECONDS);
      session.set(null);
      HttpAnswer.Ignored answer = new HttpAnswer.Ignored();
      goodbye.send(answer);
      answer.over().completeOnTimeout(null, nanos, TimeUnit.NANOSECONDS).join();
    }
  }

  /** The server knows the session no longer. */
  void lost(ToolFailure why) {
    refuseMore(why);
    session.set(null);
    stopped = true;
    Request open = listening.get();
    if (open != null) {
      abort(open);
    }
  }
}
