package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.AllAtOnce;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.Await;
import io.coterie.model.ScriptedModel;
import io.coterie.storage.RunningDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** The usage is the sum of what the runs cost, whatever happens at once. */
class UsageStormTest extends TeamServer {

  private static final int CHATS = 8;

  private String left;
  private String slow;
  private String asker;

  @Override
  AppFixture boot(ScriptedModel model) {
    return AppFixture.startOnDiskWith(model);
  }

  @BeforeEach
  void freshTeam() {
    user = app.login();
    workspace = app.workspace(user);
    left = agent("left", saying("l"));
    String right = agent("right", saying("r"));
    asker =
        agent(
            "asker",
            calling(left, message("a"), right, message("b"), "echo", message("c")),
            left,
            right,
            "echo");
  }

  /**
   * The first runs of a day add rows; those that come second must not be lost, nor counted twice.
   */
  @RepeatedTest(3)
  void firstRunsOfADay_inChatsAndCompletionsAtOnce_areEachCountedOnce() throws Exception {
    List<Callable<Integer>> calls = new ArrayList<>();
    for (int i = 0; i < CHATS; i++) {
      String chat = chat();
      calls.add(() -> ask(chat, "@" + asker + " Go").status());
      ObjectNode completion = AppFixture.object("model", asker);
      completion.putArray("messages").add(AppFixture.object("role", "user", "content", "Go"));
      calls.add(() -> app.post(user.token(), "/v1/chat/completions", completion).status());
    }
    assertThat(AllAtOnce.call(calls)).containsOnly(200);
    JsonNode usage = usage(app);
    assertThat(usage).hasSize(4);
    assertThat(sum(usage, "runs")).isEqualTo(2 * CHATS * 4);
    assertThat(sum(usage, "input_tokens")).isEqualTo(2 * CHATS * (14 + 7 + 7));
    assertThat(sum(usage, "output_tokens")).isEqualTo(2 * CHATS * (6 + 3 + 3));
  }

  @Test
  void storm_ofRunsCancelsDeletesAndACrash_isCountedExactly() throws Exception {
    slow =
        agent(
            "slow",
            (request, reply) -> {
              reply.text("Half");
              reply.awaitCancel();
            });
    List<Callable<Integer>> people = new ArrayList<>();
    List<String> chats = new ArrayList<>();
    for (int i = 0; i < CHATS; i++) {
      String chat = chat();
      chats.add(chat);
      Random random = new Random(i);
      people.add(() -> writeAndCancel(chat, random));
    }
    AllAtOnce.call(people);

    try (AppFixture later = app.afterCrash()) {
      checkSums(later, chats);
      JsonNode counted = usage(later);
      later.restart();
      assertThat(usage(later)).isEqualTo(counted);
    }
    checkSums(app, chats);
    JsonNode counted = usage(app);
    for (String chat : chats) {
      app.delete(user.token(), "/chat?chat_id=" + chat, null);
    }
    assertThat(usage(app)).isEqualTo(counted);
  }

  private int writeAndCancel(String chat, Random random) {
    for (int i = 0; i < 12; i++) {
      switch (random.nextInt(5)) {
        case 0 -> post(chat, "@" + slow + " Go");
        case 1 -> cancel(chat);
        case 2 -> post(chat, "@echo hello");
        case 3 -> post(chat, "@" + left + " Go");
        default -> post(chat, "@" + asker + " Go");
      }
    }
    return post(chat, "@" + slow + " Go").status();
  }

  /** Once nothing runs any more, what was accounted is what the runs cost, and each is there. */
  private void checkSums(AppFixture server, List<String> chats) throws SQLException {
    for (String chat : chats) {
      server.post(user.token(), "/chat/cancel?chat_id=" + chat, null);
      String path = "/chat?chat_id=" + chat;
      Await.until(
          () -> !server.get(user.token(), path).json().path("busy").asBoolean(), () -> path);
    }
    String mine =
        " FROM runs r JOIN chats c ON c.chat_id = r.chat_id WHERE c.owner_id = '%s'"
            .formatted(user.userId());
    JsonNode usage = usage(server);
    assertThat(sum(usage, "input_tokens"))
        .isEqualTo(number(server, "SUM(r.input_tokens)" + mine))
        .isPositive();
    assertThat(sum(usage, "output_tokens"))
        .isEqualTo(number(server, "SUM(r.output_tokens)" + mine))
        .isPositive();
    String ofReplies = mine + " AND r.reply_id = m.message_id";
    assertThat(
            number(
                server,
                "COUNT(*) FROM messages m WHERE role = 'assistant' AND chat_id IN (SELECT chat_id FROM chats WHERE owner_id = '"
                    + user.userId()
                    + "')"))
        .as("replies whose usage is their run's")
        .isEqualTo(
            number(
                server,
                "COUNT(*) FROM messages m WHERE EXISTS (SELECT 1"
                    + ofReplies
                    + " AND COALESCE(m.input_tokens, -1) = COALESCE(r.input_tokens, -1)"
                    + " AND COALESCE(m.output_tokens, -1) = COALESCE(r.output_tokens, -1))"));
    for (String agentId : List.of(asker, slow)) {
      assertThat(runs(usage, agentId))
          .isEqualTo(
              number(
                  server,
                  "COUNT(r.started_at)" + mine + " AND r.agent_id = '%s'".formatted(agentId)))
          .isPositive();
    }
  }

  private static long number(AppFixture server, String what) throws SQLException {
    String url = RunningDatabase.url(server.dataDir());
    try (Connection connection = DriverManager.getConnection(url, "sa", "");
        Statement sql = connection.createStatement();
        ResultSet row = sql.executeQuery("SELECT " + what)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static long runs(JsonNode rows, String agentId) {
    long sum = 0;
    for (JsonNode row : rows) {
      sum += row.path("agent_id").asText().equals(agentId) ? row.path("runs").asLong() : 0;
    }
    return sum;
  }

  private JsonNode usage(AppFixture server) {
    Answer answer = server.get(user.token(), "/user/usage");
    return answer.json().path("usage");
  }

  private static long sum(JsonNode rows, String field) {
    long sum = 0;
    for (JsonNode row : rows) {
      sum += row.path(field).asLong();
    }
    return sum;
  }
}
