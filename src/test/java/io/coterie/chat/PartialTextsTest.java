package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.Await;
import io.coterie.model.ScriptedModel;
import org.junit.jupiter.api.Test;

/** The text of a reply in progress is saved, and is gone when the reply is over. */
class PartialTextsTest extends SharedServer {

  private static final String TEXT = "so far 😀";

  @Test
  void cancelledReply_leavesNoSavedText() {
    String chat = chat();
    replyHangs(chat);
    app.post(user.token(), "/chat/cancel?chat_id=" + chat, null);
    Await.until(() -> Sql.isIdle(app), () -> "the end of the run");
    assertThat(Sql.count(app, "run_texts")).isZero();
    assertThat(messages(chat).path(1).path("content").asText()).isEqualTo(TEXT);
  }

  @Test
  void deletedChat_leavesNoSavedText() {
    String chat = chat();
    replyHangs(chat);
    app.delete(user.token(), "/chat?chat_id=" + chat, null);
    Await.until(() -> Sql.count(app, "run_texts") == 0, () -> "no saved text");
  }

  private void replyHangs(String chat) {
    model.then(ScriptedModel.hanging(TEXT));
    post(chat, "Hi");
    Await.until(() -> Sql.count(app, "run_texts") == 1, () -> "saved text");
  }
}
