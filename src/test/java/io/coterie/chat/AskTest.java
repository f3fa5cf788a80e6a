package io.coterie.chat;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.AllAtOnce;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import io.coterie.EventStream;
import io.coterie.Expect;
import io.coterie.model.Gate;
import io.coterie.model.RunFailure;
import io.coterie.model.ScriptedModel;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One call that chats, from nothing or in what is there. */
class AskTest extends SharedServer {

  private static final Map<String, String> PLAIN = Map.of("Accept", "text/plain");

  @Override
  String[] settings() {
    return new String[] {
      "agents.max-concurrent-runs=1",
      "agents.max-queued-runs=3",
      "agents.max-queued-runs-per-user=3"
    };
  }

  @Test
  void ask_fromNothing_makesAWorkspaceAndAChat() {
    Login somebody = app.login();
    Answer answer = ask(somebody, object("message", "@echo Hi"));
    assertThat(answer.status()).isEqualTo(200);
    JsonNode workspaces = workspaces(somebody);
    assertThat(workspaces).hasSize(1);
    assertThat(workspaces.path(0).path("name").asText()).isEqualTo("Default");
    assertThat(answer.json().path("workspace_id"))
        .isEqualTo(workspaces.path(0).path("workspace_id"));
    assertThat(answer.json().path("content").asText()).isEqualTo("Hi");
    String chat = answer.json().path("chat_id").asText();
    assertThat(header(answer, "X-Chat-Id")).isEqualTo(chat);
    assertThat(header(answer, "X-Workspace-Id")).isEqualTo(workspace(answer));
    JsonNode stored =
        app.get(somebody.token(), "/chat/messages?chat_id=" + chat).json().path("messages");
    ObjectNode expected = stored.path(1).deepCopy();
    assertThat(answer.json()).isEqualTo(expected.put("workspace_id", workspace(answer)));
    assertThat(app.get(somebody.token(), "/chat?chat_id=" + chat).json().path("title").asText())
        .isEqualTo("@echo Hi");
  }

  @Test
  void ask_withTheChatOfTheLast_goesOnThere() {
    Answer first = ask(user, object("message", "@echo one"));
    String chat = first.json().path("chat_id").asText();
    Answer second = ask(user, object("message", "Hi", "chat_id", chat));
    assertThat(second.json().path("chat_id").asText()).isEqualTo(chat);
    assertThat(second.json().path("workspace_id")).isEqualTo(first.json().path("workspace_id"));
    assertThat(messages(chat)).hasSize(4);
    assertThat(model.awaitCall().request().messages().toString()).contains("@echo one");
  }

  @Test
  void ask_withoutAWorkspace_takesTheOldest() {
    Login somebody = app.login();
    String oldest = app.workspace(somebody);
    app.workspace(somebody);
    assertThat(workspace(ask(somebody, object("message", "@echo Hi")))).isEqualTo(oldest);
    assertThat(workspaces(somebody)).hasSize(2);
  }

  @Test
  void ask_inAWorkspace_isAnsweredByItsOnlyAgent() {
    String there = app.workspace(user);
    app.post(user.token(), "/workspace/" + there + "/agent", object("agent_id", "echo"));
    Answer answer = ask(user, object("message", "Hi", "workspace_id", there));
    assertThat(workspace(answer)).isEqualTo(there);
    assertThat(answer.json().path("agent_id").asText()).isEqualTo("echo");
    assertThat(answer.json().path("content").asText()).isEqualTo("Hi");
  }

  @Test
  void ask_ofAnAgent_isAnsweredByIt_andStoredAsSent() {
    String text = "@guide 6 * 7";
    Answer echo = ask(user, object("message", text, "agent_id", "echo"));
    assertThat(echo.json().path("agent_id").asText()).isEqualTo("echo");
    assertThat(echo.json().path("content").asText()).isEqualTo(text);
    String chat = echo.json().path("chat_id").asText();
    Answer calculator =
        ask(
            user,
            object("message", "@calculator 6 * 7", "agent_id", "calculator", "chat_id", chat));
    assertThat(calculator.json().path("content").asText()).contains("42");
    assertThat(messages(chat).path(0).path("content").asText()).isEqualTo(text);
    assertThat(messages(chat).path(2).path("content").asText()).isEqualTo("@calculator 6 * 7");
  }

  @Test
  void ask_twoAtOnceFromNothing_makeOneWorkspace() throws Exception {
    Login somebody = app.login();
    Callable<Answer> call = () -> ask(somebody, object("message", "@echo Hi"));
    List<Answer> answers = AllAtOnce.call(List.of(call, call));
    assertThat(answers).extracting(Answer::status).containsOnly(200);
    assertThat(answers).extracting(AskTest::workspace).containsOnly(workspace(answers.get(0)));
    assertThat(workspaces(somebody)).hasSize(1);
  }

  @Test
  void ask_thatFails_is502AndSaysWhereToGoOn() {
    model.then(ScriptedModel.failing(RunFailure.Code.MODEL_AUTH, "No key."));
    Answer answer = ask(user, object("message", "Hi"));
    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.msg()).isEqualTo("No key.");
    assertThat(answer.json().path("code").asText()).isEqualTo("model_auth");
    String chat = answer.json().path("chat_id").asText();
    assertThat(header(answer, "X-Chat-Id")).isEqualTo(chat);
    assertThat(messages(chat)).hasSize(1);
  }

  @Test
  void ask_forPlainText_isTheReplyAlone() {
    Answer answer = send(user.token(), object("message", "@echo a\nb"), PLAIN);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.response().body()).isEqualTo("a\nb");
    assertThat(header(answer, "Content-Type")).startsWith("text/plain");
    assertThat(messages(header(answer, "X-Chat-Id"))).hasSize(2);
  }

  @Test
  void ask_forPlainText_isToldOfErrorsInPlainText() {
    model.then(ScriptedModel.failing(RunFailure.Code.MODEL_AUTH, "No key."));
    plain(send(user.token(), object("message", "Hi"), PLAIN), 502, "No key.");
    plain(send(user.token(), object(), PLAIN), 400, "Missing message parameter");
    plain(send(null, object("message", "Hi"), PLAIN), 401, "Missing Authorization Header");
    Map<String, String> axios = Map.of("Accept", "application/json, text/plain, */*");
    Expect.msg(send(user.token(), object(), axios), 400, "Missing message parameter");
  }

  @Test
  void ask_forAStream_getsTheEventsOfItsRun() {
    try (EventStream stream =
        EventStream.open(
            app, user.token(), "POST", "/chat/ask", object("message", "Hi"), Map.of())) {
      List<JsonNode> events = stream.awaitEnd();
      assertThat(brief(events)).startsWith("feedback", "run queued").endsWith("run completed");
      assertThat(assembled(events)).isEqualTo("Hello");
      String chat = stream.response().headers().firstValue("X-Chat-Id").orElseThrow();
      assertThat(withSeq(events)).isEqualTo(stored(chat));
      assertThat(stream.response().headers().firstValue("X-Workspace-Id")).isPresent();
    }
  }

  @Test
  void ask_refused_comesInOrder() {
    Login stranger = app.login();
    String chat = chat();
    String other = app.workspace(user);
    String none = UUID.randomUUID().toString();
    Expect.msg(app.post(user.token(), "/chat/ask", null), 400, "Missing JSON in request");
    refused(user, object("agent_id", "none"), 400, "Missing message parameter");
    refused(user, asking("chat_id", none), 404, "Chat not found");
    refused(user, asking("workspace_id", none), 404, "Workspace not found");
    String strangers = app.workspace(app.login());
    refused(user, asking("workspace_id", strangers).put("chat_id", none), 404, "Chat not found");
    refused(user, asking("agent_id", "none"), 404, "Agent not found");
    refused(stranger, asking("chat_id", chat), 401, "User is not the owner of the chat");
    refused(stranger, asking("workspace_id", other), 401, "User is not the owner of the workspace");
    refused(
        user,
        asking("chat_id", chat).put("workspace_id", other),
        400,
        "chat_id and workspace_id do not belong together");
    refused(user, asking("chat_id", "").put("agent_id", 5), 400, "agent_id must be a string");
    assertThat(workspaces(stranger)).isEmpty();
    assertThat(messages(chat)).isEmpty();
  }

  @Test
  void ask_ofAnothersOwnAgent_is404() {
    Login maker = app.login();
    ObjectNode manifest =
        object("agent_id", "mine", "version", "1.0.0", "name", "N", "description", "D");
    manifest.put("kind", "llm").put("instructions", "I");
    assertThat(app.post(maker.token(), "/agent", manifest).status()).isEqualTo(200);
    assertThat(ask(maker, asking("agent_id", "mine")).status()).isEqualTo(200);
    refused(user, asking("agent_id", "mine"), 404, "Agent not found");
  }

  @Test
  void ask_whereNoPlaceIsLeft_makesNothing() {
    Login somebody = app.login();
    Gate asked = new Gate();
    model.then(
        (request, reply) -> {
          asked.open();
          reply.awaitCancel();
        });
    String chat = chat();
    post(chat, "Hi");
    asked.await();
    for (int i = 0; i < 3; i++) {
      post(chat, "waits");
    }
    Answer answer = ask(somebody, object("message", "Hi"));
    Expect.msg(answer, 429, "Too many requests");
    assertThat(header(answer, "Retry-After")).isEqualTo("1");
    assertThat(workspaces(somebody)).isEmpty();
    cancel(chat);
  }

  @Test
  void ask_whileItsChatIsDeleted_is404() {
    Gate asked = new Gate();
    model.then(
        (request, reply) -> {
          asked.open();
          reply.awaitCancel();
        });
    String there = app.workspace(user);
    CompletableFuture<Answer> waiting =
        CompletableFuture.supplyAsync(() -> ask(user, asking("workspace_id", there)));
    asked.await();
    app.delete(user.token(), "/workspace/" + there, null);
    Expect.msg(waiting.join(), 404, "Chat not found");
  }

  @Test
  void title_isChanged_andStays() {
    String chat = chat();
    Answer answer = app.put(user.token(), "/chat?chat_id=" + chat, object("title", " New \u00e4 "));
    Expect.msg(answer, 200, "Chat updated");
    ask(chat, "@echo first");
    assertThat(app.get(user.token(), "/chat?chat_id=" + chat).json().path("title").asText())
        .isEqualTo("New \u00e4");
  }

  @ParameterizedTest
  @CsvSource({"{}", "{\"title\":null}", "{\"title\":\"  \"}"})
  void title_missing_is400(String body) {
    Expect.msg(rename(chat(), body), 400, "Missing title parameter");
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "\"a\\u0000\""})
  void title_thatIsNoText_is400AndNamesIt(String title) {
    Answer answer = rename(chat(), "{\"title\":" + title + "}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.msg()).startsWith("title must be ");
  }

  @Test
  void title_refused_comesInOrder() {
    String chat = chat();
    Expect.msg(rename(chat, "x"), 400, "Missing JSON in request");
    Expect.msg(app.put(user.token(), "/chat", object("title", "x")), 400, "Missing chat id");
    Expect.msg(
        rename(chat, object("title", "x".repeat(201)).toString()),
        400,
        "title must be at most 200 characters long");
    assertThat(rename(chat, object("title", "\ud83d\ude00".repeat(200)).toString()).status())
        .isEqualTo(200);
    Expect.msg(rename("x", object("title", "x").toString()), 404, "Chat not found");
    Expect.msg(
        app.put(app.login().token(), "/chat?chat_id=" + chat, object("title", "x")),
        401,
        "User is not the owner of the chat");
  }

  private Answer rename(String chat, String body) {
    return app.send(user.token(), "PUT", "/chat?chat_id=" + chat, body, Map.of());
  }

  private static ObjectNode asking(String name, String value) {
    return object("message", "Hi", name, value);
  }

  private Answer ask(Login who, ObjectNode body) {
    return app.post(who.token(), "/chat/ask", body);
  }

  private Answer send(String token, ObjectNode body, Map<String, String> headers) {
    return app.send(token, "POST", "/chat/ask", body.toString(), headers);
  }

  private void refused(Login who, ObjectNode body, int status, String msg) {
    Expect.msg(ask(who, body), status, msg);
  }

  private static void plain(Answer answer, int status, String text) {
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.response().body()).isEqualTo(text);
    assertThat(header(answer, "Content-Type")).startsWith("text/plain");
  }

  private JsonNode workspaces(Login who) {
    return app.get(who.token(), "/workspace").json().path("workspaces");
  }

  private static String workspace(Answer answer) {
    return answer.json().path("workspace_id").asText();
  }

  private static String header(Answer answer, String name) {
    return answer.response().headers().firstValue(name).orElse("");
  }
}
