package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.ChatClient;
import io.coterie.model.ScriptedModel;
import org.junit.jupiter.api.Test;

class LiveChatTest {

  @Test
  void message_withModel_streamsReplyThenMessageThenTerminalRun() {
    ScriptedModel model = new ScriptedModel(ScriptedModel.pieces("Hel", "lo"));
    try (AppFixture app = AppFixture.startWith(model)) {
      var user = app.login();
      String chat = app.chat(user);
      try (ChatClient client = app.connect(user, chat)) {
        client.message("Hi", app.messageString(user, chat));
        client.awaitRun("completed");
        assertThat(client.types())
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
        assertThat(client.await("message").path("data").path("content").asText())
            .isEqualTo("Hello");
      }
    }
  }
}
