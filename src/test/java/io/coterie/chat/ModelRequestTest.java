package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import io.coterie.AppFixture;
import io.coterie.model.Gate;
import io.coterie.model.RunFailure;
import io.coterie.model.ScriptedModel;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a model is asked, and what a run is said to have cost. */
class ModelRequestTest extends SharedServer {

  private String chat;

  @Override
  String[] settings() {
    return new String[] {"agents.max-history-size=2000", "agents.max-tokens=5000"};
  }

  @BeforeEach
  void open() {
    chat = chat();
  }

  @Test
  void request_isInstructionsThenEarlierTurnsThenTheMessage() {
    ask(chat, "one");
    List<ChatMessage> messages = request("two");
    assertThat(messages.get(0)).isInstanceOf(SystemMessage.class);
    assertThat(((SystemMessage) messages.get(0)).text()).contains("coordinator of a workspace");
    assertThat(messages.subList(1, 4))
        .containsExactly(UserMessage.from("one"), AiMessage.from("Hello"), UserMessage.from("two"));
  }

  @Test
  void request_leavesOutWhatIsOverTheBudget_oldestFirst() {
    ask(chat, "@echo " + "a".repeat(700));
    ask(chat, "@echo " + "b".repeat(200));
    List<ChatMessage> messages = request("now");
    assertThat(messages.toString()).doesNotContain("aaaa").contains("bbbb");
    assertThat(messages.get(1)).isInstanceOf(UserMessage.class);
  }

  @Test
  void request_neverBeginsWithAReply() {
    ask(chat, "@echo " + "a".repeat(900));
    List<ChatMessage> messages = request("now");
    assertThat(messages).hasSize(2);
    assertThat(messages.get(1)).isEqualTo(UserMessage.from("now"));
  }

  @Test
  void request_leavesEmptyRepliesOut() {
    model.then(ScriptedModel.pieces());
    ask(chat, "one");
    assertThat(request("two")).noneMatch(AiMessage.class::isInstance);
  }

  @Test
  void request_keepsWhatACancelledReplyHad() {
    Gate said = new Gate();
    model.then(
        (request, reply) -> {
          reply.text("half an ans");
          said.open();
          reply.awaitCancel();
        });
    post(chat, "one");
    said.await();
    cancel(chat);
    assertThat(request("two")).contains(AiMessage.from("half an ans"));
  }

  @Test
  void usage_isWhatTheProviderSays() {
    assertUsage(ask(chat, "one").json(), 7, 3);
    assertThat(messages(chat).path(1).path("usage").toString())
        .isEqualTo("{\"input_tokens\":7,\"output_tokens\":3}");
  }

  @Test
  void usage_whereTheProviderDoesNotSay_isEstimated() {
    model.then((request, reply) -> reply.text("x".repeat(40)).complete(null, null));
    JsonNode usage = ask(chat, "one").json().path("usage");
    assertThat(usage.path("output_tokens").asInt()).isEqualTo(10);
    assertThat(usage.path("input_tokens").asInt()).isBetween(50, 500);
  }

  @Test
  void usage_ofARunThatIsCutShort_isEstimated() {
    model.then(ScriptedModel.failing(RunFailure.Code.MODEL_UNAVAILABLE, "Down.", "x".repeat(40)));
    ask(chat, "one");
    JsonNode usage = messages(chat).path(1).path("usage");
    assertThat(usage.path("output_tokens").asInt()).isEqualTo(10);
    assertThat(usage.path("input_tokens").asInt()).isPositive();
  }

  @Test
  void usage_ofAnAgentWithoutAModel_isNothing() {
    JsonNode usage = ask(chat, "@echo one").json().path("usage");
    assertThat(usage.path("input_tokens").asInt()).isZero();
    assertThat(usage.path("output_tokens").asInt()).isZero();
  }

  @Test
  void usage_isKeptWithTheRun() {
    ask(chat, "one");
    assertThat(Sql.row(app, "SELECT model, input_tokens, output_tokens, status FROM runs", chat))
        .isEqualTo("scripted/model 7 3 completed");
  }

  @Test
  void usage_ofAFailedRunWithoutText_isKeptWithTheRun() {
    model.then(ScriptedModel.failing(RunFailure.Code.MODEL_AUTH, "No key."));
    ask(chat, "one");
    assertThat(Sql.row(app, "SELECT model, output_tokens, status FROM runs", chat))
        .isEqualTo("scripted/model 0 failed");
  }

  @Test
  void reply_overTheBudgetOfTokens_endsWithAPlainMessage() {
    model.then(
        (request, reply) -> {
          for (int i = 0; i < 100; i++) {
            reply.text("x".repeat(400));
          }
          reply.complete(1, 1);
        });
    AppFixture.Answer answer = ask(chat, "one");
    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.json().path("code").asText()).isEqualTo("budget_exhausted");
    assertThat(answer.msg()).contains("agents.max-tokens");
    assertThat(messages(chat).path(1).path("status").asText()).isEqualTo("failed");
    assertThat(messages(chat).path(1).path("content").asText().length()).isBetween(10_000, 20_400);
  }

  private List<ChatMessage> request(String text) {
    int before = model.calls().size();
    assertThat(ask(chat, text).status()).isEqualTo(200);
    return model.calls().get(before).request().messages();
  }

  private static void assertUsage(JsonNode message, int input, int output) {
    assertThat(message.path("usage").path("input_tokens").asInt()).isEqualTo(input);
    assertThat(message.path("usage").path("output_tokens").asInt()).isEqualTo(output);
  }
}
