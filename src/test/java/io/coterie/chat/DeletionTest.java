package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.ChatClient;
import io.coterie.EventStream;
import io.coterie.model.Gate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A chat that goes away while it is being used. */
class DeletionTest extends SharedServer {

  private Gate cancelled;

  @BeforeEach
  void scriptAReplyThatHangs() {
    Gate gate = new Gate();
    cancelled = gate;
    model.then(
        (request, reply) -> {
          reply.text("so far");
          try {
            reply.awaitCancel();
          } finally {
            gate.open();
          }
        });
  }

  @Test
  void chat_deletedDuringARun_cancelsItAndClosesWith4404() {
    String chat = chat();
    try (ChatClient client = connect(chat);
        EventStream stream = EventStream.follow(app, user.token(), chat, null)) {
      post(chat, "one");
      post(chat, "two");
      client.await("delta");
      stream.await("delta");
      app.delete(user.token(), "/chat?chat_id=" + chat, null);
      assertThat(client.awaitClose()).isEqualTo(4404);
      stream.awaitEnd();
      cancelled.await();
      assertThat(brief(client.received())).doesNotContain("run cancelled", "message cancelled");
    }
    for (String table : new String[] {"chats", "messages", "events", "runs"}) {
      assertThat(Sql.row(app, "SELECT chat_id FROM " + table, chat)).isEmpty();
    }
    assertThat(ask(chat(), "@echo others go on").status()).isEqualTo(200);
  }

  @Test
  void workspace_deletedDuringARun_cancelsItAndClosesWith4404() {
    String space = app.workspace(user);
    String chat = app.chat(user, space);
    String idle = app.chat(user, space);
    try (ChatClient client = connect(chat);
        ChatClient idler = connect(idle)) {
      post(chat, "one");
      client.await("delta");
      app.delete(user.token(), "/workspace/" + space, null);
      assertThat(client.awaitClose()).isEqualTo(4404);
      assertThat(idler.awaitClose()).isEqualTo(4404);
      cancelled.await();
    }
    assertThat(Sql.row(app, "SELECT chat_id FROM messages", chat)).isEmpty();
  }

  @Test
  void account_deletedDuringARun_cancelsItAndClosesWith4401() {
    AppFixture.Login leaver = app.login();
    String chat = app.chat(leaver);
    try (ChatClient client = app.connect(leaver, chat)) {
      client.message("one", app.messageString(leaver, chat));
      client.await("delta");
      app.delete(leaver.token(), "/user", AppFixture.object("password", AppFixture.password()));
      assertThat(client.awaitClose()).isEqualTo(4401);
      cancelled.await();
    }
    assertThat(Sql.row(app, "SELECT chat_id FROM messages", chat)).isEmpty();
  }
}
