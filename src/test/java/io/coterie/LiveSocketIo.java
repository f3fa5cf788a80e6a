package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** {@link LiveClient} over Socket.IO on a WebSocket. */
final class LiveSocketIo extends LiveClient {

  private final RawWebSocket socket;

  LiveSocketIo(int port, String query, Consumer<JsonNode> onEvent) {
    super(onEvent);
    try {
      socket = new RawWebSocket(port, SocketIoPackets.PATH + "websocket&" + query);
      try {
        socket.sendText(SocketIoPackets.CONNECT);
        String packet = packet();
        while (!SocketIoPackets.isConnected(packet)) {
          packet = packet();
        }
      } catch (IOException | RuntimeException e) {
        socket.socket().reset();
        throw e;
      }
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
    socket.sendText(SocketIoPackets.message(text, messageString));
  }

  @Override
  protected void abort() {
    socket.socket().reset();
  }

  @Override
  protected void leave() {
    try {
      socket.sendText(SocketIoPackets.DISCONNECT);
      socket.sendClose(1000);
    } catch (IOException e) {
      socket.socket().reset();
    }
  }

  private void read() {
    try (WireSocket tcp = socket.socket()) {
      while (!tcp.isClosed()) {
        String packet = packet();
        if (packet.equals(SocketIoPackets.PING)) {
          socket.sendText(SocketIoPackets.PONG);
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

  /** The next message, whole. */
  private String packet() throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    while (true) {
      RawWebSocket.Frame frame = socket.read();
      switch (frame.opcode()) {
        case RawWebSocket.PING -> socket.send(true, RawWebSocket.PONG, frame.payload());
        case RawWebSocket.CLOSE -> throw new IOException("closed with " + frame.closeCode());
        default -> {
          text.write(frame.payload());
          if (frame.last()) {
            return text.toString(StandardCharsets.UTF_8);
          }
        }
      }
    }
  }
}
