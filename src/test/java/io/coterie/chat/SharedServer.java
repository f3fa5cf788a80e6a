package io.coterie.chat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.ChatClient;
import io.coterie.model.Gate;
import io.coterie.model.ScriptedModel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** One server with a scripted model and one user, for all tests of a class. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SharedServer {

  final ScriptedModel model = new ScriptedModel(ScriptedModel.pieces("Hel", "lo"));
  AppFixture app;
  AppFixture.Login user;
  String workspace;

  @BeforeAll
  void startServer() {
    app = boot();
    user = app.login();
    workspace = app.workspace(user);
  }

  @AfterAll
  void stopServer() {
    app.close();
  }

  /** The server of this class. */
  AppFixture boot() {
    return AppFixture.startWith(model, settings());
  }

  /** What the server of this class is told, {@code key=value}. */
  String[] settings() {
    return new String[0];
  }

  /** A fresh chat. */
  String chat() {
    return app.chat(user, workspace);
  }

  /** A client that has been told that it is ready. */
  ChatClient connect(String chat) {
    ChatClient client = app.connect(user, chat);
    client.await("ready");
    return client;
  }

  ChatClient connect(String chat, long since) {
    return ChatClient.connect(app, chat, app.connectionString(user, chat), since);
  }

  void say(ChatClient client, String chat, String text) {
    client.message(text, app.messageString(user, chat));
  }

  /** Sends without waiting for the reply. */
  Answer post(String chat, String text) {
    return app.post(
        user.token(), "/chat/message", AppFixture.object("chat_id", chat, "message", text));
  }

  /** Sends and waits for the reply. */
  Answer ask(String chat, String text) {
    return app.post(
        user.token(),
        "/chat/message?wait=true",
        AppFixture.object("chat_id", chat, "message", text));
  }

  /** Sends a message whose reply says something and then hangs; answers once it does. */
  Answer postThatHangs(String chat) {
    Gate said = new Gate();
    model.then(
        (request, reply) -> {
          reply.text("x");
          said.open();
          reply.awaitCancel();
        });
    Answer answer = post(chat, "Hi");
    said.await();
    return answer;
  }

  Answer cancel(String chat) {
    return app.post(user.token(), "/chat/cancel?chat_id=" + chat, null);
  }

  /** All stored events of a chat, by polling. */
  List<JsonNode> stored(String chat) {
    List<JsonNode> events = new ArrayList<>();
    long since = 0;
    while (true) {
      JsonNode page =
          app.get(user.token(), "/chat/events?poll=1&chat_id=" + chat + "&since=" + since).json();
      page.path("events").forEach(event -> addStored(events, event));
      if (page.path("last_seq").asLong() == since) {
        return events;
      }
      since = page.path("last_seq").asLong();
    }
  }

  private static void addStored(List<JsonNode> events, JsonNode event) {
    if (event.has("seq")) {
      events.add(event);
    }
  }

  /** The messages of a chat, oldest first. */
  JsonNode messages(String chat) {
    return app.get(user.token(), "/chat/messages?chat_id=" + chat).json().path("messages");
  }

  static List<JsonNode> withSeq(List<JsonNode> events) {
    return events.stream().filter(event -> event.has("seq")).toList();
  }

  /** One line for each event: its type, and the status where it has one. */
  static List<String> brief(List<JsonNode> events) {
    return events.stream()
        .map(
            event -> {
              JsonNode data = event.path("data");
              String text = data.has("status") ? " " + data.path("status").asText() : "";
              return event.path("event").asText() + text;
            })
        .toList();
  }

  /** What a client has of the last reply, kept by the rule of offsets. */
  static String assembled(List<JsonNode> events) {
    StringBuilder text = new StringBuilder();
    String reply = null;
    for (JsonNode event : events) {
      JsonNode data = event.path("data");
      if (event.path("event").asText().equals("delta")) {
        if (!data.path("message_id").asText().equals(reply)) {
          reply = data.path("message_id").asText();
          text.setLength(0);
        }
        text.setLength(data.path("offset").asInt());
        text.append(data.path("text").asText());
      }
    }
    return text.toString();
  }
}
