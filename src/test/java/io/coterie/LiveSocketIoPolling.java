package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** {@link LiveClient} over Socket.IO by long polling: one connection to ask, one to tell. */
final class LiveSocketIoPolling extends LiveClient {

  private static final String SEPARATOR = "\u001e";

  /** A TCP connection for one request after the other. */
  private static final class Line {
    private final WireSocket socket;
    private final InputStream in;

    Line(int port) throws IOException {
      socket = WireSocket.connect(port);
      in = new BufferedInputStream(socket.getInputStream());
    }

    synchronized String ask(String method, String target, String body) throws IOException {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      String request =
          method
              + " "
              + target
              + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
              + bytes.length
              + "\r\n\r\n"
              + body;
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      RawClient.Reply reply = RawClient.read(in);
      if (reply.status() != 200) {
        throw new IOException("refused: " + reply);
      }
      return reply.body();
    }
  }

  private final Line poll;
  private final Line push;
  private final String target;
  private final Deque<String> packets = new ArrayDeque<>();

  LiveSocketIoPolling(int port, String query, Consumer<JsonNode> onEvent) {
    super(onEvent);
    try {
      poll = new Line(port);
      push = new Line(port);
      try {
        String path = SocketIoPackets.PATH + "polling&" + query;
        String open = poll.ask("GET", path, "");
        target = path + "&sid=" + SocketIoPackets.read(open.substring(1)).path("sid").textValue();
        push.ask("POST", target, SocketIoPackets.CONNECT);
        while (!SocketIoPackets.isConnected(packet())) {
          // Something else comes first.
        }
      } catch (IOException | RuntimeException e) {
        abort();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start(this::read);
  }

  @Override
  public void post(String text, String messageString) throws IOException {
    push.ask("POST", target, SocketIoPackets.message(text, messageString));
  }

  @Override
  protected void abort() {
    poll.socket.reset();
    push.socket.reset();
  }

  @Override
  protected void leave() {
    try {
      push.ask("POST", target, SocketIoPackets.DISCONNECT + SEPARATOR + "1");
    } catch (IOException e) {
      abort();
    }
  }

  private void read() {
    try (poll.socket;
        push.socket) {
      while (!poll.socket.isClosed()) {
        String packet = packet();
        if (packet.equals(SocketIoPackets.PING)) {
          push.ask("POST", target, SocketIoPackets.PONG);
        }
        JsonNode event = SocketIoPackets.event(packet);
        if (event != null) {
          deliver(event);
        }
      }
    } catch (IOException e) {
      // Cut, by either side.
    }
  }

  private String packet() throws IOException {
    while (packets.isEmpty()) {
      packets.addAll(List.of(poll.ask("GET", target, "").split(SEPARATOR)));
    }
    return packets.remove();
  }
}
