package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A client of server-sent events, that keeps what it was sent and lets a test wait for more. Events
 * are kept in the form that they have over WebSocket, {@code {"event","seq","data"}}.
 */
public final class EventStream implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 20;

  private final HttpResponse<InputStream> response;
  private final List<JsonNode> received = new ArrayList<>();
  private final List<String> lines = new ArrayList<>();
  private boolean ended;

  private EventStream(HttpResponse<InputStream> response) {
    this.response = response;
  }

  /** Follows a chat with a token. */
  public static EventStream follow(AppFixture app, String token, String chatId, Long since) {
    String query = "?chat_id=" + chatId + (since == null ? "" : "&since=" + since);
    return open(app, token, "GET", "/chat/events" + query, null, Map.of());
  }

  /** Any request whose answer is a stream; {@code token} and {@code body} may be null. */
  public static EventStream open(
      AppFixture app,
      String token,
      String method,
      String path,
      JsonNode body,
      Map<String, String> headers) {
    return open(app.http(), app.url(), token, method, path, body, headers);
  }

  /** As above, from any server on this machine. */
  static EventStream open(
      HttpClient http,
      String url,
      String token,
      String method,
      String path,
      JsonNode body,
      Map<String, String> headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path))
            .header("Accept", "text/event-stream")
            .method(
                method,
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.toString()));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    headers.forEach(request::header);
    try {
      EventStream stream =
          new EventStream(http.send(request.build(), BodyHandlers.ofInputStream()));
      Thread reader = new Thread(stream::read, "event-stream");
      reader.setDaemon(true);
      reader.start();
      return stream;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  public HttpResponse<InputStream> response() {
    return response;
  }

  /** Waits for an event that fits, counting those already there; answers the first. */
  public JsonNode await(Predicate<JsonNode> wanted) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    synchronized (this) {
      for (int seen = 0; true; seen++) {
        while (seen == received.size()) {
          if (ended) {
            throw new AssertionError("ended before it came; there is: " + received);
          }
          pause(end);
        }
        if (wanted.test(received.get(seen))) {
          return received.get(seen);
        }
      }
    }
  }

  /** Waits until some run has come to that status. */
  public JsonNode awaitRun(String status) {
    return await(
        event ->
            event.path("event").asText().equals("run")
                && event.path("data").path("status").asText().equals(status));
  }

  /** Waits for an event of that type. */
  public JsonNode await(String type) {
    return await(event -> event.path("event").asText().equals(type));
  }

  /** Waits until the server ends the stream; answers all that came. */
  public synchronized List<JsonNode> awaitEnd() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!ended) {
      pause(end);
    }
    return List.copyOf(received);
  }

  /** What came so far. */
  public synchronized List<JsonNode> received() {
    return List.copyOf(received);
  }

  /** The types of what came so far, in order. */
  public List<String> types() {
    return received().stream().map(event -> event.path("event").asText()).toList();
  }

  /** The lines that came so far, as they came. */
  public synchronized List<String> lines() {
    return List.copyOf(lines);
  }

  /** Hangs up. */
  @Override
  public void close() {
    try {
      response.body().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read() {
    ObjectNode event = Json.MAPPER.createObjectNode();
    try (var in =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = in.readLine()) != null) {
        if (line.startsWith("event: ")) {
          event.put("event", line.substring(7));
        } else if (line.startsWith("id: ")) {
          event.put("seq", Integer.parseInt(line.substring(4)));
        } else if (line.startsWith("data: ")) {
          event.set("data", Json.MAPPER.readTree(line.substring(6)));
        }
        boolean complete = line.isEmpty() && !event.isEmpty();
        synchronized (this) {
          lines.add(line);
          if (complete) {
            received.add(event);
          }
          notifyAll();
        }
        event = complete ? Json.MAPPER.createObjectNode() : event;
      }
    } catch (IOException e) {
      // Hung up, by either side.
    } finally {
      synchronized (this) {
        ended = true;
        notifyAll();
      }
    }
  }

  private void pause(long end) {
    long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    if (left <= 0) {
      throw new AssertionError("Waited in vain; there is: " + received);
    }
    try {
      wait(left);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
