package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.ChatClient;
import io.coterie.Expect;
import io.coterie.model.Gate;
import io.coterie.model.RunFailure.Code;
import io.coterie.model.ScriptedModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How many tokens a user's agents may use in a day. */
class QuotaTest extends SharedServer {

  private static final String TOO_FEW =
      "The 1000 tokens that you may use in a day do not suffice for this (quota.user.tokens-per-day).";

  private static final String USED_UP =
      "The 1000 tokens that you may use in a day are used up (quota.user.tokens-per-day).";

  @Override
  String[] settings() {
    return new String[] {"quota.user.tokens-per-day=1000"};
  }

  @BeforeEach
  void freshUser() {
    user = app.login();
    workspace = app.workspace(user);
  }

  private void refused(Answer answer) {
    Expect.msg(answer, 429, "Too many requests");
    // The clock stands at 10:00:00.123, UTC.
    assertThat(answer.response().headers().firstValue("Retry-After")).hasValue("50400");
  }

  private void use(int tokens) {
    model.then((request, reply) -> reply.text("x").complete(tokens - 1, 1));
  }

  @Test
  void message_belowTheQuota_passes() {
    use(500);
    assertThat(ask(chat(), "Hi").status()).isEqualTo(200);
    use(1);
    assertThat(ask(chat(), "Hi").status()).isEqualTo(200);
  }

  @Test
  void message_onceTheQuotaIsUsedUp_isRefusedAndNotStored() {
    String chat = chat();
    use(1000);
    assertThat(ask(chat, "Hi").status()).isEqualTo(200);

    refused(ask(chat, "Hi"));
    refused(ask(chat(), "Hi"));
    refused(app.post(user.token(), "/chat/retry?chat_id=" + chat, null));
    refused(
        app.send(
            user.token(),
            "POST",
            "/chat/message",
            AppFixture.object("chat_id", chat, "message", "Hi").toString(),
            Map.of("Accept", "text/event-stream")));
    assertThat(messages(chat)).hasSize(2);
  }

  @Test
  void requests_thatNoModelAnswered_costNothing() {
    for (Code code : List.of(Code.MODEL_AUTH, Code.MODEL_REJECTED)) {
      model.then(ScriptedModel.failing(code, "No."));
      assertThat(ask(chat(), "Hi").status()).isEqualTo(502);
    }
    use(999);
    assertThat(ask(chat(), "Hi").status()).isEqualTo(200);
    assertThat(tokens()).isEqualTo(999);
    Answer answer = ask(chat(), "Hi");
    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.msg()).isEqualTo(TOO_FEW);
    assertThat(tokens()).isEqualTo(999);
  }

  private int tokens() {
    int sum = 0;
    for (JsonNode row : app.get(user.token(), "/user/usage").json().path("usage")) {
      sum += row.path("input_tokens").asInt() + row.path("output_tokens").asInt();
    }
    return sum;
  }

  @Test
  void quota_countsWhatIsDeleted() {
    String chat = chat();
    use(1000);
    ask(chat, "Hi");
    app.delete(user.token(), "/chat?chat_id=" + chat, null);
    refused(ask(chat(), "Hi"));
  }

  @Test
  void quota_ofOneUser_isNotThatOfAnother() {
    use(1000);
    ask(chat(), "Hi");
    user = app.login();
    workspace = app.workspace(user);
    assertThat(ask(chat(), "Hi").status()).isEqualTo(200);
  }

  @Test
  void agentsWithoutModel_answerAnyway() {
    String chat = chat();
    use(1000);
    ask(chat, "Hi");
    assertThat(ask(chat, "@calculator 1+1").status()).isEqualTo(200);
  }

  @Test
  void frame_onceTheQuotaIsUsedUp_isAnsweredWithAnErrorThatSaysWhy() {
    String chat = chat();
    use(1000);
    ask(chat, "Hi");
    try (ChatClient client = connect(chat)) {
      say(client, chat, "Hi");
      JsonNode error = client.await("error");
      assertThat(error.has("seq")).isFalse();
      assertThat(error.path("data").path("code").asText()).isEqualTo("budget_exhausted");
      assertThat(error.path("data").path("msg").asText()).isEqualTo(USED_UP);
      say(client, chat, "@echo still open");
      client.awaitRun("completed");
    }
  }

  @Test
  void runsInProgress_count_andEndWhenTheQuotaIsUsedUp() {
    Gate going = new Gate();
    Gate ended = new Gate();
    model.then(
        (request, reply) -> {
          // 300 tokens, as estimated, beside the request's.
          reply.text("x".repeat(1_200));
          going.open();
          try {
            reply.awaitCancel();
          } finally {
            ended.open();
          }
        });
    String first = chat();
    post(first, "Hi");
    going.await();
    model.then(
        (request, reply) -> {
          for (int i = 0; i < 200; i++) {
            reply.text("y".repeat(40));
          }
          reply.complete(1, 1);
        });
    String second = chat();

    Answer answer = ask(second, "Hi");

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.json().path("code").asText()).isEqualTo("budget_exhausted");
    assertThat(answer.msg()).isEqualTo(TOO_FEW);
    refused(ask(second, "Hi"));
    cancel(first);
    ended.await();
  }

  @Test
  void queuedRuns_endAtTheirTurnOnceTheQuotaIsUsedUp() {
    Gate goOn = new Gate();
    model.then((request, reply) -> reply.await(goOn).text("x").complete(1_500, 1));
    String chat = chat();
    post(chat, "one");
    List<Answer> queued = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      queued.add(post(chat, "more"));
    }
    assertThat(queued).allMatch(answer -> answer.status() == 202);
    goOn.open();
    assertThat(ask(chat, "@echo last").status()).isEqualTo(200);
    assertThat(brief(stored(chat)).stream().filter("run failed"::equals)).hasSize(3);
    JsonNode usage = app.get(user.token(), "/user/usage").json().path("usage");
    long tokens = 0;
    for (JsonNode row : usage) {
      tokens += row.path("input_tokens").asLong() + row.path("output_tokens").asLong();
    }
    // Each of the three asked nothing: what they would have sent is all that may be counted.
    assertThat(tokens).isBetween(1_501L, 4_000L);
  }

  @Test
  void nextDay_startsAnew() {
    use(1000);
    ask(chat(), "Hi");
    refused(ask(chat(), "Hi"));
    app.clock().advance(Duration.ofHours(13));
    Answer stillToday = ask(chat(), "Hi");
    assertThat(stillToday.response().headers().firstValue("Retry-After")).hasValue("3600");
    app.clock().advance(Duration.ofHours(1));
    assertThat(ask(chat(), "Hi").status()).isEqualTo(200);
    app.clock().advance(Duration.ofHours(10));
  }
}
