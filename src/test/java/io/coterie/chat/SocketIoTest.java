package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.SocketIoClient;
import io.coterie.SocketIoClient.Event;
import io.coterie.SocketIoClient.Options;
import io.coterie.SocketIoClient.Way;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Live chat as the Java client of Socket.IO sees it, by each of its ways. */
class SocketIoTest extends SharedServer {

  @ParameterizedTest
  @EnumSource
  void message_streamsReply(Way way) {
    String chat = chat();
    try (SocketIoClient client = socketIo(way, chat)) {
      client.awaitConnected();
      Event ready = client.await("ready");
      assertThat(ready.data().path("chat_id").asText()).isEqualTo(chat);
      client.emit(
          "chat_message",
          AppFixture.object("message", "Hi", "message_string", app.messageString(user, chat)));
      client.awaitRun("completed");
      Event message = client.await("message");
      assertThat(message.args().get(0).textValue()).isEqualTo("Hello");
      assertThat(message.data().path("content").textValue()).isEqualTo("Hello");
      List<String> names = client.received().stream().map(Event::name).toList();
      assertThat(names)
          .containsExactly(
              "ready",
              "feedback",
              "run",
              "run",
              "agent",
              "delta",
              "delta",
              "agent",
              "message",
              "run");
    }
  }

  private SocketIoClient socketIo(Way way, String chat) {
    return SocketIoClient.connect(
        app.port(),
        "/chat",
        Map.of("chat_id", chat, "connection_string", app.connectionString(user, chat)),
        Options.by(way));
  }
}
