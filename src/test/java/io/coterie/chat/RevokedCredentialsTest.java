package io.coterie.chat;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import io.coterie.ChatClient;
import io.coterie.EventStream;
import io.coterie.Expect;
import io.coterie.RawClient;
import io.coterie.model.Gate;
import org.junit.jupiter.api.Test;

/** What was opened with a key or a login ends when that is revoked; the rest goes on. */
class RevokedCredentialsTest extends SharedServer {

  private record Key(String id, Login login) {}

  private Key key(Login of) {
    JsonNode made = app.post(of.token(), "/user/keys", object("name", "k")).json();
    Login login = new Login(of.userId(), of.email(), made.path("key").asText());
    return new Key(made.path("key_id").asText(), login);
  }

  private int upgrade(String chat, String string) {
    String path = "/chat/connect?chat_id=" + chat + "&connection_string=" + string;
    return RawClient.upgrade(app, path).status();
  }

  @Test
  void keyRevoked_endsWhatItOpened_andNothingElse() {
    Login person = app.login();
    String chat = app.chat(person);
    Key revoked = key(person);
    Key kept = key(person);
    try (ChatClient socket = app.connect(revoked.login(), chat);
        ChatClient ofLogin = app.connect(person, chat);
        EventStream stream = EventStream.follow(app, revoked.login().token(), chat, null);
        EventStream ofOther = EventStream.follow(app, kept.login().token(), chat, null)) {
      socket.await("ready");
      ofLogin.await("ready");
      stream.await("ready");
      ofOther.await("ready");
      String unused = app.connectionString(revoked.login(), chat);

      Expect.msg(
          app.delete(person.token(), "/user/keys/" + revoked.id(), null), 200, "API key revoked");
      assertThat(socket.awaitClose()).isEqualTo(4401);
      stream.awaitEnd();
      assertThat(upgrade(chat, unused)).isEqualTo(401);

      app.post(person.token(), "/chat/message", object("chat_id", chat, "message", "@echo on"));
      ofLogin.awaitRun("completed");
      ofOther.awaitRun("completed");
      assertThat(stream.types()).doesNotContain("feedback");
    }
  }

  @Test
  void passwordChanged_endsWhatEarlierLoginsOpened_andNotTheKeys() {
    Login person = app.login();
    String chat = app.chat(person);
    Key key = key(person);
    try (ChatClient socket = app.connect(person, chat);
        EventStream stream = EventStream.follow(app, person.token(), chat, null);
        ChatClient ofKey = app.connect(key.login(), chat)) {
      socket.await("ready");
      stream.await("ready");
      ofKey.await("ready");
      String unused = app.connectionString(person, chat);

      var change = object("current_password", AppFixture.password(), "new_password", "another");
      Expect.msg(app.put(person.token(), "/user/password", change), 200, "Password updated");
      assertThat(socket.awaitClose()).isEqualTo(4401);
      stream.awaitEnd();
      assertThat(upgrade(chat, unused)).isEqualTo(401);

      ofKey.message("@echo on", app.messageString(key.login(), chat));
      ofKey.awaitRun("completed");
    }
  }

  @Test
  void replies_goOn_whenWhatAskedForThemIsRevoked() {
    Login person = app.login();
    Key key = key(person);
    String chat = app.chat(person);
    Gate go = new Gate();
    model.then(
        (request, reply) -> {
          go.await();
          reply.text("done").complete(1, 1);
        });
    app.post(key.login().token(), "/chat/message", object("chat_id", chat, "message", "Hi"));
    app.delete(person.token(), "/user/keys/" + key.id(), null);
    try (ChatClient client = app.connect(person, chat)) {
      client.await("ready");
      go.open();
      client.awaitRun("completed");
    }
  }
}
