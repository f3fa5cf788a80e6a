package io.coterie.openai;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import io.coterie.AppFixture.Answer;
import io.coterie.Await;
import io.coterie.RawClient;
import io.coterie.http.Json;
import io.coterie.model.Gate;
import io.coterie.model.RunFailure;
import io.coterie.model.ScriptedModel;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The OpenAI-compatible API as it looks on the wire. */
class CompletionsTest extends OpenAiServer {

  private static final String PATH = "/v1/chat/completions";

  @Override
  String[] settings() {
    return new String[] {"agents.max-concurrent-runs=1", "agents.max-queued-runs=1"};
  }

  @Test
  void models_areAgentsAndWorkspaces_ofTheUserAlone() {
    String workspace = "workspace:" + app.workspace(user);
    JsonNode json = app.get(user.token(), "/v1/models").json();
    assertThat(json.path("object").asText()).isEqualTo("list");
    assertThat(json.path("data").findValuesAsText("id"))
        .contains("echo", "guide", "coordinator", workspace);
    for (JsonNode view : json.path("data")) {
      assertThat(view.path("object").asText()).isEqualTo("model");
      assertThat(view.path("created").isIntegralNumber()).isTrue();
      assertThat(view.path("owned_by").asText()).isNotEmpty();
      assertThat(app.get(user.token(), "/v1/models/" + view.path("id").asText()).json())
          .isEqualTo(view);
    }
    String stranger = app.login().token();
    assertThat(app.get(stranger, "/v1/models").json().findValuesAsText("id"))
        .doesNotContain(workspace);
    error(app.get(stranger, "/v1/models/" + workspace), 404, "model_not_found");
    error(app.post(stranger, PATH, asking(workspace, "Hi")), 404, "model_not_found");
  }

  @Test
  void completion_isWholeAndStoresNothing() {
    Answer answer = complete(asking("coordinator", "Hi").put("temperature", 0.1).put("foo", "x"));
    assertThat(answer.status()).isEqualTo(200);
    JsonNode json = answer.json();
    assertThat(json.path("id").asText()).matches("chatcmpl-[0-9a-f]{32}");
    assertThat(json.path("object").asText()).isEqualTo("chat.completion");
    assertThat(json.path("created").asLong()).isEqualTo(app.clock().instant().getEpochSecond());
    assertThat(json.path("model").asText()).isEqualTo("coordinator");
    assertThat(json.at("/choices/0/message"))
        .isEqualTo(object("role", "assistant", "content", "Hello").putNull("refusal"));
    assertThat(json.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    assertThat(json.path("usage").toString())
        .isEqualTo("{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10}");
    Answer search = app.get(user.token(), "/workspace");
    assertThat(search.json().toString()).doesNotContain("Default");
  }

  @Test
  void stream_isChunksThenUsageThenDone() {
    ObjectNode request = asking("coordinator", "Hi");
    request.putObject("stream_options").put("include_usage", true);
    List<String> lines = stream(request);
    assertThat(lines).hasSize(6).last().isEqualTo("[DONE]");
    List<JsonNode> chunks = lines.subList(0, 5).stream().map(CompletionsTest::json).toList();
    assertThat(chunks)
        .extracting(c -> c.path("object").asText())
        .containsOnly("chat.completion.chunk");
    assertThat(chunks)
        .extracting(c -> c.path("id").asText())
        .containsOnly(chunks.get(0).path("id").asText());
    assertThat(chunks.get(0).at("/choices/0/delta"))
        .isEqualTo(object("role", "assistant", "content", ""));
    assertThat(chunks.get(1).at("/choices/0/delta/content").asText()).isEqualTo("Hel");
    assertThat(chunks.get(2).at("/choices/0/finish_reason").isNull()).isTrue();
    assertThat(chunks.get(3).at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    assertThat(chunks.get(4).path("choices")).isEmpty();
    assertThat(chunks.get(4).at("/usage/total_tokens").asInt()).isEqualTo(10);
    assertThat(stream(asking("echo", "x"))).noneMatch(line -> line.contains("usage"));
  }

  @Test
  void messages_ofEveryRole_reachTheAgent() {
    ObjectNode request = object("model", "coordinator");
    ArrayNode messages = request.putArray("messages");
    messages.add(object("role", "system", "content", "Speak Latin."));
    messages.add(object("role", "user", "content", "one"));
    messages.addObject().put("role", "assistant").putNull("content").putArray("tool_calls");
    messages.add(object("role", "tool", "content", "seen", "tool_call_id", "c1"));
    messages.add(object("role", "assistant", "content", "two"));
    messages.add(object("role", "developer", "content", "Be brief."));
    ArrayNode parts = messages.addObject().put("role", "user").putArray("content");
    parts.add(object("type", "text", "text", "th")).add(object("type", "text", "text", "ree"));
    assertThat(complete(request).status()).isEqualTo(200);
    List<ChatMessage> sent = model.calls().get(model.calls().size() - 1).request().messages();
    assertThat(((SystemMessage) sent.get(0)).text())
        .startsWith("You are the coordinator")
        .endsWith("Speak Latin.\n\nBe brief.");
    assertThat(sent.get(1)).isEqualTo(UserMessage.from("one"));
    assertThat(sent.toString()).contains("seen").contains("two");
    assertThat(sent.get(sent.size() - 1)).isEqualTo(UserMessage.from("three"));
  }

  @Test
  void workspace_isAnsweredAsAChatOfItWouldBe() {
    String id = app.workspace(user);
    app.post(user.token(), "/workspace/" + id + "/agent", object("agent_id", "echo"));
    assertThat(said(complete(asking("workspace:" + id, "Hi")))).isEqualTo("Hi");
    assertThat(said(complete(asking("workspace:" + id, "@calculator 6 * 7")))).contains("42");
    assertThat(said(complete(asking("echo", "@calculator 6 * 7")))).isEqualTo("@calculator 6 * 7");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x|Missing JSON in request|",
        "{}|model must be|model",
        "{\"model\":\"echo\"}|messages must be|messages",
        "{\"model\":\"echo\",\"messages\":[]}|messages must be|messages",
        "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\"}]}|The last message of the user is empty|messages",
        "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\",\"content\":\" \"}]}|The last message of the user is empty|messages",
        "{\"model\":\"echo\",\"messages\":[5]}|messages[0].role must be|messages[0].role",
        "{\"model\":\"echo\",\"messages\":[{\"role\":\"assistant\",\"content\":\"x\"}]}|messages must have|messages",
        "{\"model\":\"echo\",\"stream\":1,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}|stream must be|stream",
        "{\"model\":\"echo\",\"n\":2,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}|n must be 1|n",
        "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\",\"content\":5}]}|messages[0].content must be|messages[0].content",
        "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\",\"content\":\"\\u0000\"}]}|messages[0].content must be text|messages[0].content",
        "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{}}]}]}|messages[0].content must be text: pictures|messages[0].content"
      })
  void request_thatIsWrong_is400AndNamesTheParameter(String body, String msg, String param) {
    Answer answer = app.send(user.token(), "POST", PATH, body, Map.of());
    error(answer, 400, null);
    assertThat(answer.json().at("/error/message").asText()).startsWith(msg);
    assertThat(answer.json().at("/error/param").textValue()).isEqualTo(param);
  }

  @Test
  void refusals_haveOpenAisShape() {
    error(app.post(null, PATH, asking("echo", "x")), 401, "invalid_api_key");
    assertThat(app.get("x", "/v1/models").response().headers().firstValue("WWW-Authenticate"))
        .hasValue("Bearer");
    error(complete(asking("none", "x")), 404, "model_not_found");
    error(complete(asking("workspace:" + UUID.randomUUID(), "x")), 404, "model_not_found");
    error(app.get(user.token(), "/v1/none"), 404, null);
    Answer other = app.get(user.token(), PATH);
    error(other, 405, null);
    assertThat(other.response().headers().firstValue("Allow").orElse("")).contains("POST");
    error(complete(asking("echo", "x".repeat(1_100_000))), 413, null);
    error(complete(asking("echo", "x".repeat(100_001))), 400, null);
    RawClient.Reply jettys = RawClient.get(app, "/v1/models", "X: " + "x".repeat(20_000));
    assertThat(jettys.status()).isEqualTo(431);
    assertThat(jettys.json().at("/error/type").asText()).isEqualTo("invalid_request_error");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void run_thatFailsBeforeItSpoke_isAnErrorWithAStatus(boolean stream) {
    model.then(ScriptedModel.failing(RunFailure.Code.MODEL_AUTH, "No key."));
    Answer answer = complete(asking("coordinator", "Hi").put("stream", stream));
    error(answer, 502, "model_auth");
    assertThat(answer.json().at("/error/message").asText()).isEqualTo("No key.");
    assertThat(answer.response().headers().firstValue("X-Should-Retry")).hasValue("false");
  }

  @Test
  void stream_thatFailsLater_endsWithTheError() {
    model.then(ScriptedModel.failing(RunFailure.Code.MODEL_UNAVAILABLE, "Gone.", "Half"));
    List<String> lines = stream(asking("coordinator", "Hi"));
    assertThat(json(lines.get(1)).at("/choices/0/delta/content").asText()).isEqualTo("Half");
    assertThat(lines).hasSize(3);
    assertThat(json(lines.get(2)).at("/error/code").asText()).isEqualTo("model_unavailable");
  }

  @Test
  void text_withHalfACharacterAPiece_staysWhole() {
    model.then(ScriptedModel.pieces("\ud83d", "\ude00!"));
    assertThat(stream(asking("coordinator", "Hi")).toString()).contains("\ud83d\ude00!");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void hangUp_stopsTheRunAndFreesItsPlace(boolean stream) throws IOException {
    Gate asked = new Gate();
    Gate stopped = new Gate();
    model.then(
        (request, reply) -> {
          asked.open();
          try {
            reply.awaitCancel();
          } finally {
            stopped.open();
          }
        });
    Socket socket = open(asking("coordinator", "Hi").put("stream", stream));
    asked.await();
    socket.close();
    stopped.await();
    Await.until(
        () -> complete(asking("coordinator", "Hi")).status() == 200, () -> "no place is free");
  }

  @Test
  void hangUp_inTheMiddleOfAStream_stopsTheRun() throws IOException {
    Gate stopped = new Gate();
    model.then(
        (request, reply) -> {
          reply.text("Half");
          try {
            reply.awaitCancel();
          } finally {
            stopped.open();
          }
        });
    try (Socket socket = open(asking("coordinator", "Hi").put("stream", true))) {
      awaitLine(socket, "Half");
    }
    stopped.await();
  }

  @Test
  void places_areSharedWithChats() throws IOException {
    Gate asked = new Gate();
    model.then(
        (request, reply) -> {
          asked.open();
          reply.awaitCancel();
        });
    String chat = app.chat(user);
    try (Socket running = open(asking("coordinator", "Hi"))) {
      asked.await();
      assertThat(post(chat).status()).isEqualTo(202);
      assertThat(post(app.chat(user)).status()).isEqualTo(429);
      for (boolean stream : new boolean[] {false, true}) {
        Answer full = complete(asking("coordinator", "Hi").put("stream", stream));
        error(full, 429, "rate_limit_exceeded");
        assertThat(full.response().headers().firstValue("Retry-After")).hasValue("1");
      }
      assertThat(said(complete(asking("echo", "local")))).isEqualTo("local");
    }
    Await.until(
        () ->
            app.get(user.token(), "/chat/messages?chat_id=" + chat)
                .json()
                .at("/messages/1")
                .isObject(),
        () -> "the chat's turn never came");
  }

  private Answer post(String chat) {
    return app.post(user.token(), "/chat/message", object("chat_id", chat, "message", "Hi"));
  }

  private static void error(Answer answer, int status, String code) {
    assertThat(answer.status()).as(answer.response().body()).isEqualTo(status);
    assertThat(answer.json()).hasSize(1);
    JsonNode error = answer.json().path("error");
    assertThat(error).hasSize(4);
    assertThat(error.path("message").asText()).isNotEmpty();
    assertThat(error.path("type").asText())
        .isEqualTo(
            status == 429
                ? "rate_limit_error"
                : status >= 500 ? "server_error" : "invalid_request_error");
    assertThat(error.path("code").textValue()).isEqualTo(code);
  }

  private static String said(Answer answer) {
    return answer.json().at("/choices/0/message/content").asText();
  }

  private static JsonNode json(String text) {
    return Json.readObject(text).orElseThrow();
  }
}
