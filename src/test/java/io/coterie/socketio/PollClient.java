package io.coterie.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.Await;
import io.coterie.http.Json;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A client that polls, each request by hand. */
final class PollClient {

  static final String SEPARATOR = "\u001e";
  static final String NAMESPACE = "/echo,";

  static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** An answer, or its future. */
  record Answer(int status, String body) {
    JsonNode json() {
      try {
        return Json.MAPPER.readTree(body);
      } catch (IOException e) {
        throw new AssertionError("no JSON: " + body, e);
      }
    }

    List<String> packets() {
      return Arrays.asList(body.split(SEPARATOR, -1));
    }
  }

  private final Engine engine;
  private final String sid;
  private final JsonNode open;

  private PollClient(Engine engine, JsonNode open) {
    this.engine = engine;
    this.open = open;
    this.sid = open.path("sid").asText();
  }

  static PollClient open(Engine engine) {
    Answer answer = request(engine, "GET", "transport=polling", null).join();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).startsWith("0{");
    return new PollClient(engine, new Answer(200, answer.body().substring(1)).json());
  }

  /** One that is let into the namespace. */
  static PollClient joined(Engine engine) {
    PollClient client = open(engine);
    client.say("40" + NAMESPACE);
    assertThat(client.poll().join().body()).startsWith("40" + NAMESPACE + "{\"sid\":\"");
    return client;
  }

  static CompletableFuture<Answer> request(
      Engine engine, String method, String query, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(engine.uri("http", query))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build();
    return send(request).orTimeout(30, TimeUnit.SECONDS);
  }

  static CompletableFuture<Answer> send(HttpRequest request) {
    return HTTP.sendAsync(request, BodyHandlers.ofString()).thenApply(PollClient::answer);
  }

  String sid() {
    return sid;
  }

  /** What the handshake said. */
  JsonNode open() {
    return open;
  }

  String query() {
    return "transport=polling&sid=" + sid;
  }

  /** Begins to wait for packets. */
  CompletableFuture<Answer> poll() {
    return request(engine, "GET", query(), null);
  }

  /** Begins to wait for packets, and returns once the server knows. */
  CompletableFuture<Answer> pollThatWaits() {
    CompletableFuture<Answer> poll = poll();
    awaitPoll();
    return poll;
  }

  /** Waits until the server knows of a poll. */
  void awaitPoll() {
    PollingTransport transport = engine.socketIo().findPolling(sid);
    Await.until(transport::isWritable, () -> "no poll arrived");
  }

  CompletableFuture<Answer> post(String body) {
    return request(engine, "POST", query(), body);
  }

  /** Sends packets, which the server takes. */
  void say(String... packets) {
    assertThat(post(String.join(SEPARATOR, packets)).join()).isEqualTo(new Answer(200, "ok"));
  }

  /** Its connection is no more. */
  void expectGone() {
    Answer answer = poll().join();
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().path("code").asInt()).isEqualTo(1);
  }

  private static Answer answer(HttpResponse<String> response) {
    return new Answer(response.statusCode(), response.body());
  }
}
