package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;

/** {@link LiveClient} over WebSocket. */
final class LiveSocket extends LiveClient {

  private final RawWebSocket socket;
  private volatile int closeCode;

  LiveSocket(int port, String query, Consumer<JsonNode> onEvent) {
    super(onEvent);
    try {
      socket = new RawWebSocket(port, "/chat/connect?" + query);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start(this::read);
  }

  @Override
  public void stall() {
    socket.socket().stall();
  }

  @Override
  public void goOn() {
    socket.socket().goOn();
  }

  @Override
  public void post(String text, String messageString) throws IOException {
    ObjectNode frame = Json.MAPPER.createObjectNode().put("event", "chat_message");
    frame.set("data", AppFixture.object("message", text, "message_string", messageString));
    socket.sendText(frame.toString());
  }

  @Override
  public int closeCode() {
    return closeCode;
  }

  @Override
  protected void abort() {
    socket.socket().reset();
  }

  @Override
  protected void leave() {
    try {
      // The reader goes on up to the server's answer.
      socket.sendClose(1000);
    } catch (IOException e) {
      socket.socket().reset();
    }
  }

  private void read() {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (WireSocket tcp = socket.socket()) {
      while (!tcp.isClosed()) {
        RawWebSocket.Frame frame = socket.read();
        switch (frame.opcode()) {
          case RawWebSocket.PING -> socket.send(true, RawWebSocket.PONG, frame.payload());
          case RawWebSocket.CLOSE -> {
            closeCode = frame.closeCode();
            socket.sendClose(1000);
            return;
          }
          default -> {
            text.write(frame.payload());
            if (frame.last()) {
              deliver(Json.MAPPER.readTree(text.toByteArray()));
              text = new ByteArrayOutputStream();
            }
          }
        }
      }
    } catch (IOException e) {
      // Cut, by either side.
    }
  }
}
