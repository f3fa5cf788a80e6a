package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.Await;
import io.coterie.ChatClient;
import io.coterie.EventStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients that do not read, and clients that come and go. */
class SlowClientTest extends SharedServer {

  /** More than what the kernel takes on both sides of a loopback connection. */
  private static final int REPLIES = 20;

  @Override
  String[] settings() {
    return new String[] {"chat.max-outbox-size=1MB"};
  }

  @BeforeEach
  void awaitThatTheLastTestsClientsAreGone() {
    Await.until(() -> app.openConnections() == 0, () -> app.openConnections() + " connections");
  }

  @Test
  void clientThatDoesNotRead_isCutOffWith1013_andNobodyWaitsForIt() throws IOException {
    String chat = chat();
    String query = "chat_id=" + chat + "&connection_string=" + app.connectionString(user, chat);
    try (Socket stuck = Handshake.open(app, query, 4_096);
        ChatClient reader = connect(chat)) {
      InputStream in = stuck.getInputStream();
      assertThat(Handshake.read(in).status()).isEqualTo(101);
      Await.until(() -> app.openConnections() == 2, () -> "two connections");
      for (int i = 0; i < REPLIES && app.openConnections() == 2; i++) {
        model.then((request, reply) -> reply.text("x".repeat(400_000)).complete(1, 1));
        assertThat(ask(chat, "Hi").status()).isEqualTo(200);
      }
      Await.until(() -> app.openConnections() == 1, () -> "the slow client to be cut off");
      assertThat(closeCode(in)).isEqualTo(1013);
      ask(chat, "@echo still here");
      reader.await(event -> event.path("data").path("content").asText().equals("still here"));
    }
  }

  @Test
  void streamThatIsNotRead_isCutOff_andNobodyWaitsForIt() throws IOException {
    String chat = chat();
    String request =
        "GET /chat/events?chat_id=%s&connection_string=%s HTTP/1.1\r\nHost: localhost\r\n\r\n"
            .formatted(chat, app.connectionString(user, chat));
    try (Socket stuck = new Socket()) {
      stuck.setReceiveBufferSize(4_096);
      stuck.connect(new java.net.InetSocketAddress("127.0.0.1", app.port()));
      stuck.getOutputStream().write(request.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      Await.until(() -> app.openConnections() == 1, () -> "the stream");
      for (int i = 0; i < REPLIES && app.openConnections() > 0; i++) {
        model.then((asked, reply) -> reply.text("x".repeat(400_000)).complete(1, 1));
        assertThat(ask(chat, "Hi").status()).isEqualTo(200);
      }
      Await.until(() -> app.openConnections() == 0, () -> "the slow stream to be cut off");
      assertThat(app.followedChats()).isZero();
    }
  }

  @Test
  void clientsThatComeAndGo_leaveNothingBehind() {
    String chat = chat();
    for (int i = 0; i < 150; i++) {
      connect(chat).abort();
      EventStream stream = EventStream.follow(app, user.token(), chat, null);
      stream.await("ready");
      stream.close();
    }
    // A stream's hanging up is noticed when something is written.
    Await.until(
        () -> {
          ask(chat, "@echo x");
          return app.openConnections() == 0;
        },
        () -> app.openConnections() + " connections are left");
    assertThat(app.followedChats()).isZero();
  }

  /** Reads frames that no mask hides, up to the close frame. */
  private static int closeCode(InputStream in) throws IOException {
    while (true) {
      int opcode = in.read() & 0x0f;
      long length = in.read();
      if (length == 126) {
        length = number(in, 2);
      } else if (length == 127) {
        length = number(in, 8);
      }
      byte[] payload = in.readNBytes((int) length);
      if (opcode == 8) {
        return (payload[0] & 0xff) << 8 | payload[1] & 0xff;
      }
    }
  }

  private static long number(InputStream in, int bytes) throws IOException {
    long number = 0;
    for (int i = 0; i < bytes; i++) {
      number = number << 8 | in.read();
    }
    return number;
  }
}
