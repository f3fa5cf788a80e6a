package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AllAtOnce;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import io.coterie.Await;
import io.coterie.Expect;
import io.coterie.model.Gate;
import io.coterie.model.ScriptedModel;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a user's agents have used, by day, agent and model. */
class UsageTest extends TeamServer {

  @BeforeEach
  void freshUser() {
    user = app.login();
    workspace = app.workspace(user);
  }

  private JsonNode usage(String query) {
    AppFixture.Answer answer = app.get(user.token(), "/user/usage" + query);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().fieldNames()).toIterable().containsExactly("usage");
    return answer.json().path("usage");
  }

  /** A line for each row: agent, model, runs, tokens in and out. */
  private List<String> lines() {
    return StreamSupport.stream(usage("").spliterator(), false)
        .map(
            row ->
                "%s %s %d %d %d"
                    .formatted(
                        row.path("agent_id").asText(),
                        row.path("model").asText(),
                        row.path("runs").asInt(),
                        row.path("input_tokens").asInt(),
                        row.path("output_tokens").asInt()))
        .toList();
  }

  @Test
  void usage_ofNobodyYet_isEmpty() {
    assertThat(usage("")).isEmpty();
  }

  @Test
  void run_withoutModel_countsWithoutTokens() {
    String chat = chat();
    ask(chat, "@echo one");
    ask(chat, "@echo two");
    JsonNode row = usage("").path(0);
    assertThat(lines()).containsExactly("echo null 2 0 0");
    assertThat(row.path("model").isNull()).isTrue();
    assertThat(row.path("day").asText())
        .isEqualTo(app.clock().instant().toString().substring(0, 10));
    assertThat(row.path("time_ms").isIntegralNumber()).isTrue();
  }

  @Test
  void delegates_areAccountedUnderThemselves_andTheMessageHasTheSum() {
    String left = agent("left", (request, reply) -> reply.text("l").complete(100, 11));
    String right = agent("right", (request, reply) -> reply.text("r").complete(200, 22));
    String asker =
        agent(
            "asker",
            calling(left, message("a"), right, message("b"), left, message("c")),
            left,
            right);

    JsonNode reply = ask(chat(), "@" + asker + " Go").json();

    assertThat(lines())
        .containsExactly(
            asker + " scripted/model 1 14 6",
            left + " scripted/model 1 200 22",
            right + " scripted/model 1 200 22");
    assertThat(reply.path("usage").path("input_tokens").asInt()).isEqualTo(414);
    assertThat(reply.path("usage").path("output_tokens").asInt()).isEqualTo(50);
  }

  @Test
  void delegate_withoutModel_isAccountedToo() {
    String asker = agent("asker", calling("calculator", message("1+1")), "calculator");
    ask(chat(), "@" + asker + " Go");
    assertThat(lines()).containsExactly(asker + " scripted/model 1 14 6", "calculator null 1 0 0");
  }

  @Test
  void usage_afterTheWorkspaceIsDeleted_isThere() {
    ask(chat(), "@" + agent("solo", saying("x")) + " Go");
    List<String> before = lines();
    app.delete(user.token(), "/workspace/" + workspace, null);
    assertThat(lines()).isEqualTo(before).hasSize(1);
  }

  @Test
  void run_whoseChatIsDeletedMeanwhile_counts() {
    Gate going = new Gate();
    String slow =
        agent(
            "slow",
            (request, reply) -> {
              reply.text("much");
              going.open();
              reply.awaitCancel();
            });
    String chat = chat();
    post(chat, "@" + slow + " Go");
    going.await();
    app.delete(user.token(), "/chat?chat_id=" + chat, null);
    Await.until(() -> !usage("").isEmpty(), () -> "usage");
    assertThat(lines().get(0)).startsWith(slow + " scripted/model 1 ");
    assertThat(usage("").path(0).path("input_tokens").asInt()).isPositive();
  }

  @Test
  void cancelledRun_countsWhatItUsed_andOneThatNeverBeganDoesNot() {
    Gate going = new Gate();
    String slow =
        agent(
            "slow",
            (request, reply) -> {
              reply.text("much");
              going.open();
              reply.awaitCancel();
            });
    String chat = chat();
    post(chat, "@" + slow + " Go");
    going.await();
    post(chat, "@echo queued");
    cancel(chat);
    Await.until(() -> !usage("").isEmpty(), () -> "usage");
    assertThat(lines()).hasSize(1);
    assertThat(lines().get(0)).startsWith(slow + " scripted/model 1 ");
  }

  @Test
  void runs_thatEndAtOnce_areAllCounted() throws Exception {
    String solo = agent("solo", saying("x"));
    List<String> chats = IntStream.range(0, 8).mapToObj(i -> chat()).toList();
    List<Callable<Integer>> calls =
        IntStream.range(0, 8)
            .<Callable<Integer>>mapToObj(i -> () -> ask(chats.get(i), "@" + solo + " Go").status())
            .toList();
    assertThat(AllAtOnce.call(calls)).hasSize(8).containsOnly(200);
    assertThat(lines()).containsExactly(solo + " scripted/model 8 56 24");
  }

  @Test
  void days_newestFirst_betweenFromAndTo() {
    String chat = chat();
    ask(chat, "@echo one");
    String first = usage("").path(0).path("day").asText();
    app.clock().advance(Duration.ofDays(1));
    ask(chat, "@echo two");
    ask(chat, "@guide hello");
    List<String> days = usage("").findValuesAsText("day");
    assertThat(days).hasSize(3).isSortedAccordingTo(Comparator.reverseOrder());
    assertThat(usage("?to=" + first).findValuesAsText("day")).containsExactly(first);
    assertThat(usage("?from=" + days.get(0)).findValuesAsText("agent_id"))
        .containsExactly("echo", "guide");
  }

  @Test
  void days_thatAreNone_areRefused() {
    for (String bad : List.of("x", "2026-02-30", "2026-1-1", "0000-01-01", "20260101")) {
      Expect.msg(
          app.get(user.token(), "/user/usage?from=" + bad),
          400,
          "from must be a day such as 2026-01-31");
    }
  }

  @Test
  void usage_ofAnother_isNotShown() {
    ask(chat(), "@echo mine");
    Login other = app.login();
    assertThat(app.get(other.token(), "/user/usage").json().path("usage")).isEmpty();
  }

  @Test
  void account_deleted_takesItsUsageAlong() {
    ask(chat(), "@echo mine");
    app.delete(user.token(), "/user", AppFixture.object("password", AppFixture.password()));
    assertThat(Sql.count(app, "usage_days WHERE user_id = '" + user.userId() + "'")).isZero();
  }

  @Test
  void run_thatACrashInterrupts_countsWhatWasSavedOnce() {
    Gate saved = new Gate();
    ScriptedModel model =
        new ScriptedModel(
            (request, reply) -> {
              reply.text("x".repeat(400));
              saved.await();
              reply.complete(9, 9);
            });
    try (AppFixture server = AppFixture.startOnDiskWith(model)) {
      Login somebody = server.login();
      String chat = server.chat(somebody);
      server.post(
          somebody.token(), "/chat/message", AppFixture.object("chat_id", chat, "message", "Hi"));
      AppFixture later = null;
      try {
        for (int i = 0; later == null && i < 100; i++) {
          AppFixture copy = server.afterCrash();
          JsonNode row = copy.get(somebody.token(), "/user/usage").json().path("usage").path(0);
          if (row.path("output_tokens").asInt() > 0) {
            later = copy;
          } else {
            copy.close();
          }
        }
        assertThat(later).as("a server that saw what was saved").isNotNull();
        JsonNode before = later.get(somebody.token(), "/user/usage").json();
        assertThat(before.path("usage")).hasSize(1);
        assertThat(before.path("usage").path(0).path("runs").asInt()).isEqualTo(1);
        later.restart();
        assertThat(later.get(somebody.token(), "/user/usage").json()).isEqualTo(before);
      } finally {
        saved.open();
        if (later != null) {
          later.close();
        }
      }
    }
  }
}
