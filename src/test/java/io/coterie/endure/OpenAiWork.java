package io.coterie.endure;

import static io.coterie.endure.Stage.object;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.Story;
import java.util.List;
import java.util.Random;

/** What programs do that speak OpenAI's API. */
final class OpenAiWork {

  private static final String PATH = "/v1/chat/completions";

  private final Stage stage;
  private final Random random;

  OpenAiWork(Stage stage, Random random) {
    this.stage = stage;
    this.random = random;
  }

  void complete(User user) {
    String question = question(user);
    int proxy = random.nextInt(3) == 0 ? stage.proxy().port() : 0;
    Api.Request request =
        new Api.Request(user, null, "POST", PATH, body(question, false), "application/json");
    Reply reply = stage.api().call(request, proxy, 200, 429, 502);
    if (reply.status() == 200) {
      check(
          question, reply.json().path("choices").path(0).path("message").path("content").asText());
    } else {
      checkError(reply.json());
    }
  }

  void stream(User user) {
    String question = question(user);
    int proxy = random.nextInt(3) == 0 ? stage.proxy().port() : 0;
    Reply reply = stage.api().stream(user, null, PATH, body(question, true), proxy, 200, 429, 502);
    if (reply.status() != 200) {
      checkError(reply.json());
      return;
    }
    StringBuilder text = new StringBuilder();
    boolean isWhole = false;
    for (String line : reply.text().split("\n")) {
      if (line.equals("data: [DONE]")) {
        isWhole = true;
      } else if (line.startsWith("data: ")) {
        JsonNode chunk = Reply.json(line.substring(6));
        text.append(chunk.path("choices").path(0).path("delta").path("content").asText(""));
        if (chunk.has("error")) {
          checkError(chunk);
          return;
        }
      }
    }
    if (isWhole) {
      check(question, text.toString());
    } else {
      stage.figures().count("streamed completions without an end");
    }
  }

  void hangUp(User user) {
    stage.api().hangUp(user, PATH, body(question(user), true));
  }

  void models(User user) {
    stage.api().call(user, null, "GET", "/v1/models", null, 200);
  }

  private void check(String question, String text) {
    stage
        .findings()
        .check(text.equals(Story.replyTo(question)), "a completion that is not the reply", text);
  }

  private void checkError(JsonNode body) {
    JsonNode message = body.path("error").path("message");
    stage.findings().check(message.isTextual(), "an error not in OpenAI's shape", body.toString());
  }

  private String question(User user) {
    return Chat.words(user, Chat.newMarker(), random);
  }

  private static JsonNode body(String question, boolean stream) {
    return object(
        "model",
        "coordinator",
        "stream",
        stream,
        "messages",
        List.of(object("role", "user", "content", question)));
  }
}
