package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** {@link LiveClient} that asks again and again, over one connection. */
final class LivePolling extends LiveClient {

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final WireSocket socket;
  private final String token;
  private final String chat;

  LivePolling(int port, String token, String chat, Long since, Consumer<JsonNode> onEvent) {
    super(onEvent);
    this.token = token;
    this.chat = chat;
    try {
      socket = WireSocket.connect(port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start(() -> poll(since));
  }

  @Override
  protected void abort() {
    socket.reset();
  }

  @Override
  protected void leave() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void poll(Long from) {
    Long since = from;
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (!socket.isClosed()) {
        socket.getOutputStream().write(request(since).getBytes(StandardCharsets.UTF_8));
        RawClient.Reply reply = RawClient.read(in);
        if (reply.status() != 200) {
          throw new IOException("refused: " + reply);
        }
        JsonNode page = reply.json();
        page.path("events").forEach(this::deliver);
        since = page.path("last_seq").asLong();
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (IOException e) {
      // Cut, by either side.
    }
  }

  private String request(Long since) {
    return "GET /chat/events?poll=1&chat_id="
        + chat
        + (since == null ? "" : "&since=" + since)
        + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
        + token
        + "\r\n\r\n";
  }
}
