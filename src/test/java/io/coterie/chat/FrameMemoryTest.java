package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.Await;
import io.coterie.RawWebSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Frames that do not end hold memory, which is bounded. */
class FrameMemoryTest {

  /** A character counts for four bytes while its message comes: four of these are all there is. */
  private static final byte[] HALF_A_MEGABYTE = new byte[500 * 1024];

  private final AppFixture app = AppFixture.start("server.max-request-memory=8MB");
  private final AppFixture.Login user = app.login();
  private final String chat = app.chat(user);
  private final List<RawWebSocket> sockets = new ArrayList<>();

  @AfterEach
  void stop() throws IOException {
    for (RawWebSocket socket : sockets) {
      socket.socket().close();
    }
    app.close();
  }

  @Test
  void framesThatDoNotEnd_theOldestSocketIsClosedWith1013() throws IOException {
    for (int i = 0; i < 8; i++) {
      open().send(false, RawWebSocket.TEXT, HALF_A_MEGABYTE);
    }
    for (int i = 0; i < 3; i++) {
      RawWebSocket.Frame close = sockets.get(i).read(RawWebSocket.CLOSE);
      assertThat(close.closeCode()).isEqualTo(1013);
      assertThat(close.text()).endsWith("Server is busy");
    }
    // Small messages and bodies have room.
    RawWebSocket another = open();
    another.sendText("{\"event\":\"ping\"}");
    assertThat(nextEvent(another, "pong")).isNotNull();
    assertThat(app.login().token()).isNotEmpty();
  }

  @Test
  void messagesInPieces_areTakenWhole_oneAfterTheOther() throws IOException {
    RawWebSocket socket = open();
    String padding = " ".repeat(900_000);
    for (int i = 0; i < 20; i++) {
      byte[] text =
          ("{\"event\":\"ping\"," + padding + "\"data\":{}}").getBytes(StandardCharsets.UTF_8);
      int third = text.length / 3;
      socket.send(false, RawWebSocket.TEXT, Arrays.copyOfRange(text, 0, third));
      socket.send(false, RawWebSocket.CONTINUATION, Arrays.copyOfRange(text, third, 2 * third));
      socket.send(true, RawWebSocket.PING, new byte[0]);
      socket.send(
          true, RawWebSocket.CONTINUATION, Arrays.copyOfRange(text, 2 * third, text.length));
      assertThat(nextEvent(socket, "pong")).isNotNull();
    }
  }

  @Test
  void charactersCutByFrames_arriveWhole() throws IOException {
    RawWebSocket socket = open();
    byte[] text = "{\"event\":\"\u00e4\ud83d\ude00\"}".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < text.length; i++) {
      boolean last = i == text.length - 1;
      int opcode = i == 0 ? RawWebSocket.TEXT : RawWebSocket.CONTINUATION;
      socket.send(last, opcode, new byte[] {text[i]});
    }
    assertThat(nextEvent(socket, "error")).contains("unknown_event");
  }

  @Test
  void largestMessage_isTaken_andOneByteMoreIs1009_inPiecesToo() throws IOException {
    RawWebSocket socket = open();
    byte[] half = new byte[512 * 1024];
    socket.send(false, RawWebSocket.TEXT, half);
    socket.send(true, RawWebSocket.CONTINUATION, half);
    assertThat(nextEvent(socket, "error")).contains("invalid_frame");
    socket.send(false, RawWebSocket.TEXT, half);
    socket.send(false, RawWebSocket.CONTINUATION, half);
    socket.send(true, RawWebSocket.CONTINUATION, new byte[1]);
    assertThat(socket.read(RawWebSocket.CLOSE).closeCode()).isEqualTo(1009);
    Await.until(() -> app.openConnections() == 0, () -> app.openConnections() + " connections");
  }

  private static String nextEvent(RawWebSocket socket, String type) throws IOException {
    while (true) {
      String text = socket.read(RawWebSocket.TEXT).text();
      if (text.contains("\"event\":\"" + type + "\"")) {
        return text;
      }
    }
  }

  private RawWebSocket open() throws IOException {
    String string = app.connectionString(user, chat);
    RawWebSocket socket = new RawWebSocket(app, "chat_id=" + chat + "&connection_string=" + string);
    sockets.add(socket);
    return socket;
  }
}
