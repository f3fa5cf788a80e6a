package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import io.coterie.ChatClient;
import io.coterie.model.ScriptedModel;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A database that refuses what a run wants to store: whom it harms, and for how long. */
class BrokenDatabaseTest {

  private final ScriptedModel model = new ScriptedModel(ScriptedModel.pieces("Hel", "lo"));
  private AppFixture app;
  private Login user;
  private String chat;
  private ChatClient client;

  @BeforeEach
  void start() {
    app = AppFixture.startOnDiskWith(model);
    user = app.login();
    chat = app.chat(user);
    client = app.connect(user, chat);
    client.await("ready");
  }

  @AfterEach
  void close() {
    client.close();
    app.close();
  }

  @Test
  void run_thatCannotBegin_fails() {
    refuse("running");
    assertFailed(ask(chat, "Hi"));
    client.awaitRun("failed");
    assertThat(SharedServer.brief(client.received()))
        .containsExactly("ready", "feedback", "run queued", "agent failed", "error", "run failed");
    assertOthersGoOn();
    repair();
    assertThat(ask(chat, "Hi again").status()).isEqualTo(200);
    assertThat(isBusy()).isFalse();
  }

  @Test
  void run_thatCanNeitherBeginNorFail_isToldAndHasItsTurnAtTheNextStart() {
    refuse("running", "failed");
    assertFailed(ask(chat, "Hi"));
    assertUnstored(client.await("error"));
    assertOthersGoOn();
    repair();
    assertThat(ask(chat, "Hi again").status()).isEqualTo(200);
    app.restart();
    assertStates("completed");
  }

  @Test
  void run_thatCannotEnd_isToldLetsTheNextOneGoAndIsInterruptedAtTheNextStart() {
    refuse("completed", "failed", "cancelled", "interrupted");
    assertFailed(ask(chat, "Hi"));
    assertUnstored(client.await("error"));
    assertOthersGoOn();
    repair();
    assertThat(ask(chat, "@echo on we go").status()).isEqualTo(200);
    app.restart();
    assertStates("interrupted");
  }

  /** No run of the chat can come to these states. */
  private void refuse(String... states) {
    app.sql(
        "ALTER TABLE runs ADD CONSTRAINT broken CHECK (chat_id <> '%s' OR status NOT IN ('%s'))"
            .formatted(chat, String.join("', '", states)));
  }

  private void repair() {
    app.sql("ALTER TABLE runs DROP CONSTRAINT broken");
  }

  private static void assertFailed(Answer answer) {
    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.json().path("code").asText()).isEqualTo("internal");
  }

  private static void assertUnstored(JsonNode error) {
    assertThat(error.has("seq")).isFalse();
    assertThat(error.path("data").path("code").asText()).isEqualTo("internal");
    assertThat(error.path("data").path("run_id").asText()).isNotEmpty();
  }

  private void assertOthersGoOn() {
    assertThat(ask(app.chat(user), "Hi").json().path("content").asText()).isEqualTo("Hello");
  }

  /** After a restart, the first run has come to this one end, the second had completed before. */
  private void assertStates(String end) {
    try (ChatClient again = ChatClient.connect(app, chat, app.connectionString(user, chat), 0L)) {
      String first = again.awaitRun("queued").path("data").path("run_id").asText();
      again.await(
          event -> isEnd(event) && event.path("data").path("run_id").asText().equals(first));
      List<JsonNode> ends = again.received().stream().filter(BrokenDatabaseTest::isEnd).toList();
      assertThat(SharedServer.brief(ends)).containsExactly("run completed", "run " + end);
    }
    assertThat(isBusy()).isFalse();
  }

  private static boolean isEnd(JsonNode event) {
    return event.path("event").asText().equals("run")
        && !List.of("queued", "running").contains(event.path("data").path("status").asText());
  }

  private boolean isBusy() {
    return app.get(user.token(), "/chat?chat_id=" + chat).json().path("busy").asBoolean();
  }

  private Answer ask(String where, String text) {
    return app.post(
        user.token(),
        "/chat/message?wait=true",
        AppFixture.object("chat_id", where, "message", text));
  }
}
