package io.coterie.endure;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.endure.EnduringServer.Life;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * Requests of users, each answer held against what may come: no status but those expected and those
 * that something under way explains, no 500 ever, nobody else's words. Thread-safe.
 */
final class Api {

  /** What is asked: of the server itself, or through the proxy that cuts connections. */
  record Request(User user, Chat chat, String method, String path, JsonNode body, String accept) {}

  private static final long PATIENCE_SECONDS = 90;
  private static final Pattern ID =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|own-[\\w-]+");

  static {
    // A connection that is kept longer may be closed by the server as the next request sets out.
    System.setProperty("jdk.httpclient.keepalive.timeout", "5");
  }

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();
  private final EnduringServer server;
  private final Findings findings;
  private final Figures figures;

  Api(EnduringServer server, Findings findings, Figures figures) {
    this.server = server;
    this.findings = findings;
    this.figures = figures;
  }

  /** The answer, whose status is one of those. */
  Reply call(User user, Chat chat, String method, String path, JsonNode body, int... expected) {
    return call(new Request(user, chat, method, path, body, "*/*"), 0, expected);
  }

  /** The events of an answer that is a stream, up to its end. */
  Reply stream(User user, Chat chat, String path, JsonNode body, int proxy, int... expected) {
    return call(new Request(user, chat, "POST", path, body, "text/event-stream"), proxy, expected);
  }

  /**
   * The answer.
   *
   * @param proxy the port of one that may cut the connection; 0 for none
   * @throws CutOffException where there is none, or one that was not expected; what is not
   *     explained is noted
   */
  Reply call(Request request, int proxy, int... expected) {
    Life life = server.await();
    int epoch = request.user() == null ? 0 : request.user().epoch();
    long begun = System.nanoTime();
    HttpResponse<String> response = send(request, life, proxy);
    String what = name(request);
    Reply reply =
        new Reply(
            response.statusCode(),
            response.body(),
            response.headers().firstValue("X-Request-Id").orElse(""),
            life.isDoomed());
    figures.count("request " + what + " " + reply.status());
    if (!life.isDoomed() && !isOfRun(request)) {
      figures.latency("any answer but of a run").add(System.nanoTime() - begun);
    }
    check(request, what, reply, life);
    if (Arrays.stream(expected).noneMatch(status -> status == reply.status())) {
      boolean documented = response.headers().firstValue("Retry-After").isPresent();
      if (!isExplained(request, reply, life, epoch, documented)) {
        findings.add(
            "unexpected status " + reply.status() + " of " + what,
            reply.text() + " request_id=" + reply.requestId() + "\n        " + log(life, reply));
      }
      throw new CutOffException(what + " " + reply.status());
    }
    return reply;
  }

  /** Hangs up after the first bytes of the answer. */
  void hangUp(User user, String path, JsonNode body) {
    Life life = server.await();
    Request request = new Request(user, null, "POST", path, body, "text/event-stream");
    HttpRequest sent = build(request, life.port());
    try {
      HttpResponse<InputStream> response = http.send(sent, BodyHandlers.ofInputStream());
      try (InputStream in = response.body()) {
        figures.count("hung up on after " + Math.min(1, in.readNBytes(100).length));
      }
    } catch (IOException e) {
      explain(life, request, e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Whether the server of that life says pong in time; measures how long that took. */
  void ping() {
    Life life = server.await();
    long begun = System.nanoTime();
    Request request = new Request(null, null, "GET", "/ping", null, "*/*");
    HttpResponse<String> response = send(request, life, 0);
    if (!life.isDoomed()) {
      figures.latency("/ping").add(System.nanoTime() - begun);
      findings.check(response.statusCode() == 200, "/ping", "status " + response.statusCode());
    }
  }

  private HttpResponse<String> send(Request request, Life life, int proxy) {
    CompletableFuture<HttpResponse<String>> answer =
        http.sendAsync(build(request, proxy == 0 ? life.port() : proxy), BodyHandlers.ofString());
    try {
      return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw explain(life, request, e);
    } catch (ExecutionException e) {
      if (proxy != 0) {
        throw new CutOffException("cut by the proxy", e);
      }
      throw explain(life, request, e.getCause());
    }
  }

  private static HttpRequest build(Request request, int port) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + request.path()))
            .header("Accept", request.accept())
            .method(
                request.method(),
                request.body() == null
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofString(request.body().toString()));
    if (request.user() != null && request.user().token() != null) {
      builder.header("Authorization", "Bearer " + request.user().token());
    }
    return builder.build();
  }

  private CutOffException explain(Life life, Request request, Throwable e) {
    if (!life.isDoomed() && !life.process.hasEnded()) {
      findings.add("no answer to " + name(request), life.number + ": " + e);
    }
    return new CutOffException("no answer", e);
  }

  private void check(Request request, String what, Reply reply, Life life) {
    findings.check(!reply.requestId().isEmpty(), "no X-Request-Id", what);
    if (request.user() != null) {
      Set<String> words = Markers.users(reply.text());
      words.remove(request.user().marker);
      findings.check(words.isEmpty(), "sees what is another's", what + ": " + reply.text());
    }
    if (reply.status() == 500) {
      findings.add(
          "500 of " + what, "request_id=" + reply.requestId() + "\n        " + log(life, reply));
    }
    if (reply.status() >= 400) {
      boolean told = reply.json().path("msg").isTextual() || reply.json().has("error");
      findings.check(told, "an error without msg", what + " " + reply.status() + reply.text());
    }
  }

  private static boolean isExplained(
      Request request, Reply reply, Life life, int epoch, boolean retryAfter) {
    return switch (reply.status()) {
      case 500 -> true; // noted already
      case 503 -> life.isDoomed() || retryAfter;
      case 429 -> retryAfter;
      case 401 ->
          (request.user() != null && request.user().hasChangedSince(epoch))
              || (request.chat() != null && !request.chat().isAlive());
      case 404 -> request.chat() != null && !request.chat().isAlive();
      default -> false;
    };
  }

  private static String log(Life life, Reply reply) {
    if (reply.requestId().isEmpty()) {
      return "";
    }
    return new ServerLog(life.process.output().lines().toList()).about(reply.requestId());
  }

  private static boolean isOfRun(Request request) {
    return request.path().startsWith("/v1/chat")
        || request.path().startsWith("/chat/ask")
        || request.path().contains("wait=true")
        || request.accept().equals("text/event-stream");
  }

  private static String name(Request request) {
    String path = ID.matcher(request.path().replaceFirst("\\?.*", "")).replaceAll("{id}");
    return request.method() + " " + path;
  }

  private static CutOffException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new CutOffException("interrupted", e);
  }
}
