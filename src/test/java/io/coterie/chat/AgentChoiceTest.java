package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.data.message.UserMessage;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import io.coterie.http.Json;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which agent answers a message, with a model. */
class AgentChoiceTest extends SharedServer {

  private String space;
  private String chat;

  @BeforeEach
  void open() {
    space = app.workspace(user);
    chat = app.chat(user, space);
  }

  @Test
  void mention_ofAnAgentOutsideTheWorkspace_choosesIt() {
    add("calculator");
    JsonNode reply = ask(chat, "@echo Hello there").json();
    assertThat(reply.path("agent_id").asText()).isEqualTo("echo");
    assertThat(reply.path("content").asText()).isEqualTo("Hello there");
    assertThat(messages(chat).path(0).path("content").asText()).isEqualTo("@echo Hello there");
  }

  @ParameterizedTest
  @CsvSource({
    "'@echo: a', a",
    "'@echo, a', a",
    "'  @echo\na', a",
    "'@ECHO a', a",
    "'@echo @echo a', '@echo a'",
    "'@echo', ''"
  })
  void mention_inEveryForm_isTakenOff(String message, String given) {
    JsonNode reply = ask(chat, message).json();
    assertThat(reply.path("agent_id").asText()).isEqualTo("echo");
    assertThat(reply.path("content").asText()).isEqualTo(given);
  }

  @ParameterizedTest
  @CsvSource({"@nobody hello", "hello @echo", "@echoes hello", "@ echo", "a@echo x"})
  void mention_ofNobodyInstalledOrNotAtTheStart_isPartOfTheText(String message) {
    int before = model.calls().size();
    assertThat(ask(chat, message).json().path("agent_id").asText()).isEqualTo("coordinator");
    assertThat(asked(before)).isEqualTo(message);
  }

  @Test
  void coordinatorAgent_answersBeforeTheOnlyInstalledAgent() {
    add("calculator");
    coordinator("echo");
    assertThat(ask(chat, "1+1").json().path("content").asText()).isEqualTo("1+1");
    assertThat(ask(chat, "@calculator 1+1").json().path("agent_id").asText())
        .isEqualTo("calculator");
  }

  @Test
  void coordinatorAgent_cleared_leavesTheOnlyInstalledAgent() {
    add("calculator");
    coordinator("echo");
    coordinator(null);
    assertThat(ask(chat, "1+1").json().path("agent_id").asText()).isEqualTo("calculator");
  }

  @Test
  void coordinatorAgent_notInstalled_isSkippedAndSaid() {
    add("calculator");
    coordinator("nobody");
    assertThat(ask(chat, "1+1").json().path("agent_id").asText()).isEqualTo("calculator");
    assertThat(stored(chat).toString()).contains("\"agent_id\":\"nobody\",\"status\":\"skipped\"");
  }

  @Test
  void onlyInstalledAgent_answers_othersAreSkipped() {
    add("nobody");
    add("echo");
    assertThat(ask(chat, "Hi").json().path("content").asText()).isEqualTo("Hi");
    assertThat(brief(stored(chat)))
        .containsSubsequence("run queued", "agent skipped", "run running", "agent started");
  }

  @Test
  void severalInstalledAgents_areCoordinated() {
    add("echo");
    add("calculator");
    assertThat(ask(chat, "Hi").json().path("agent_id").asText()).isEqualTo("coordinator");
  }

  @Test
  void removedAgent_answersNoMore() {
    add("echo");
    app.delete(
        user.token(), "/workspace/" + space + "/agent", AppFixture.object("agent_id", "echo"));
    assertThat(ask(chat, "Hi").json().path("agent_id").asText()).isEqualTo("coordinator");
  }

  @Test
  void noAgents_withAModel_isTheCoordinator() {
    JsonNode reply = ask(chat, "Hi").json();
    assertThat(reply.path("agent_id").asText()).isEqualTo("coordinator");
    assertThat(reply.path("content").asText()).isEqualTo("Hello");
  }

  @Test
  void noAgents_withoutAModel_isTheGuide() {
    try (AppFixture bare = AppFixture.start()) {
      Login someone = bare.login();
      String there = bare.chat(someone);
      JsonNode reply = wait(bare, someone, there, "What can I do here?");
      assertThat(reply.path("agent_id").asText()).isEqualTo("guide");
      assertThat(reply.path("content").asText()).isNotBlank();
    }
  }

  @Test
  void llmAgent_withoutAModel_failsNamingTheSetting() {
    try (AppFixture bare = AppFixture.start()) {
      Login someone = bare.login();
      String there = bare.chat(someone);
      assertThat(bare.get(someone.token(), "/agent/download?query=translator").status())
          .isEqualTo(200);
      var answer =
          bare.post(
              someone.token(),
              "/chat/message?wait=true",
              AppFixture.object("chat_id", there, "message", "@translator Bonjour"));
      assertThat(answer.status()).isEqualTo(502);
      assertThat(answer.json().path("code").asText()).isEqualTo("model_not_configured");
      assertThat(answer.msg()).contains("model.default");
    }
  }

  @Test
  void installedPackage_answersWithItsInstructionsAndTheTextWithoutTheMention() {
    app.get(user.token(), "/agent/download?query=translator");
    int before = model.calls().size();
    assertThat(ask(chat, "@translator Bonjour").json().path("agent_id").asText())
        .isEqualTo("translator");
    assertThat(asked(before)).isEqualTo("Bonjour");
    assertThat(model.calls().get(before).request().messages().get(0).toString())
        .containsIgnoringCase("translat");
  }

  private String asked(int call) {
    var messages = model.calls().get(call).request().messages();
    return ((UserMessage) messages.get(messages.size() - 1)).singleText();
  }

  private void add(String agent) {
    app.post(user.token(), "/workspace/" + space + "/agent", AppFixture.object("agent_id", agent));
  }

  private void coordinator(String agent) {
    ObjectNode body = Json.MAPPER.createObjectNode().put("agent_id", agent);
    assertThat(app.put(user.token(), "/workspace/" + space + "/coordinator", body).status())
        .isEqualTo(200);
  }

  private static JsonNode wait(AppFixture app, Login user, String chat, String text) {
    return app.post(
            user.token(),
            "/chat/message?wait=true",
            AppFixture.object("chat_id", chat, "message", text))
        .json();
  }
}
