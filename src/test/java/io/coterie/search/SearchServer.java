package io.coterie.search;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A server to search in, with a new user for each test. */
abstract class SearchServer {

  static AppFixture app;

  Login user;
  String chat;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @BeforeEach
  void freshUser() {
    user = app.login();
    chat = app.chat(user);
  }

  /** Asks echo, which says the same: two messages. */
  void say(String chatId, String text) {
    Answer answer =
        app.post(
            user.token(),
            "/chat/message?wait=true",
            object("chat_id", chatId, "message", "@echo " + text));
    assertThat(answer.status()).isEqualTo(200);
  }

  void say(String text) {
    say(chat, text);
  }

  Answer search(String query, String more) {
    String encoded = URLEncoder.encode(query, StandardCharsets.UTF_8);
    return app.get(user.token(), "/chat/search?query=" + encoded + more);
  }

  JsonNode results(String query) {
    Answer answer = search(query, "");
    assertThat(answer.status()).as(answer.response().body()).isEqualTo(200);
    return answer.json().path("results");
  }

  /** The contents of what is found among the replies. */
  int found(String query) {
    return results(query).size() / 2;
  }
}
