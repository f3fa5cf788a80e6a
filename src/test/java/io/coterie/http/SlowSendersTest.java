package io.coterie.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.RawClient;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients that do not send what they announced, or announce too much. */
class SlowSendersTest {

  private static AppFixture app;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @Test
  void manyHalfSentBodies_keepNobodyElseWaiting() throws IOException {
    List<Socket> halves = new ArrayList<>();
    try {
      for (int i = 0; i < 400; i++) {
        Socket socket = new Socket("127.0.0.1", app.port());
        halves.add(socket);
        send(
            socket, "POST /register HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"email\":");
      }
      long start = System.nanoTime();
      assertThat(app.get(null, "/ping").status()).isEqualTo(200);
      assertThat(app.login().token()).isNotEmpty();
      assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
    } finally {
      for (Socket socket : halves) {
        socket.close();
      }
    }
  }

  @Test
  void bodyInTwoParts_isReadWhole() throws IOException {
    String body = "{\"email\":\"slow@example.com\",\"password\":\"x\"}";
    try (Socket socket = new Socket("127.0.0.1", app.port())) {
      send(
          socket,
          "POST /register HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body.substring(0, 10));
      app.get(null, "/ping");
      send(socket, body.substring(10));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 200").contains("User created successfully");
    }
  }

  @Test
  void lengthBeyondAnyReason_isRefusedAtOnce() {
    String request =
        "POST /register HTTP/1.1\r\nHost: x\r\nContent-Length: 99000000000\r\n\r\n{\"email\":";
    RawClient.Reply reply = RawClient.send(app, request.getBytes(StandardCharsets.UTF_8));
    assertThat(reply.status()).isEqualTo(413);
    assertThat(reply.json().path("msg").asText()).isEqualTo("Request body too large");
    assertThat(reply.headers().keySet()).anyMatch("X-Request-Id"::equalsIgnoreCase);
  }

  @Test
  void methodOverride_isIgnored() {
    var user = app.login();
    String chat = app.chat(user);
    Map<String, String> override = Map.of("X-HTTP-Method-Override", "DELETE");
    var answer = app.send(user.token(), "GET", "/chat?chat_id=" + chat, null, override);
    assertThat(answer.json().path("chat_id").asText()).isEqualTo(chat);
    assertThat(app.get(user.token(), "/chat?chat_id=" + chat).status()).isEqualTo(200);
    assertThat(
            app.send(null, "POST", "/ping", "", Map.of("X-HTTP-Method-Override", "GET")).status())
        .isEqualTo(405);
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().flush();
  }
}
