package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.Await;
import io.coterie.ChatClient;
import io.coterie.EventStream;
import io.coterie.model.Gate;
import io.coterie.model.ScriptedProvider;
import io.coterie.model.ScriptedProvider.Line;
import io.coterie.model.WireFormat;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A reply that is stopped, from the client to the provider: the model's request ends with it. */
class HangUpTest extends SharedServer {

  /** How far the provider has come when the reply is stopped. */
  enum Moment {
    BEFORE_HEADERS {
      @Override
      void reach(Line line) {
        // The request has come: that is all.
      }
    },
    BEFORE_FIRST_TOKEN {
      @Override
      void reach(Line line) throws IOException {
        line.open(WireFormat.OPENAI);
      }
    },
    MID_REPLY {
      @Override
      void reach(Line line) throws IOException {
        line.open(WireFormat.OPENAI).send(WireFormat.OPENAI.text("Half"));
      }
    };

    abstract void reach(Line line) throws IOException;
  }

  /** How somebody stops it. */
  enum Way {
    FRAME,
    FRAME_WITH_RUN,
    ROUTE,
    ROUTE_WITH_RUN
  }

  /** What is deleted under it. */
  enum Deleted {
    CHAT,
    WORKSPACE,
    ACCOUNT
  }

  private final ScriptedProvider provider = ScriptedProvider.start();
  private Gate reached;

  @Override
  AppFixture boot() {
    return AppFixture.startWith(provider);
  }

  @AfterAll
  void stopProvider() {
    provider.close();
  }

  static Stream<Arguments> momentsAndWays() {
    return Arrays.stream(Moment.values())
        .flatMap(moment -> Arrays.stream(Way.values()).map(way -> Arguments.of(moment, way)));
  }

  @ParameterizedTest
  @MethodSource("momentsAndWays")
  void cancel_hangsUpEndsOnceAndKeepsWhatThereIs(Moment moment, Way way) {
    String chat = chat();
    try (ChatClient client = connect(chat)) {
      hang(moment);
      String run = post(chat, "Tell me a story").json().path("run_id").asText();
      await(moment, client);
      cancel(way, chat, run, client);

      provider.awaitHangUp();
      client.awaitRun("cancelled");
    }
    assertEnded(chat, moment);
    assertThat(ask(chat, "@echo free").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void cancel_ofAReplyThatIsWaitedFor_answers200WithWhatThereIs(Moment moment) {
    String chat = chat();
    try (ChatClient client = connect(chat)) {
      hang(moment);
      CompletableFuture<Answer> waiting =
          CompletableFuture.supplyAsync(() -> ask(chat, "Tell me a story"));
      await(moment, client);
      cancel(chat);

      provider.awaitHangUp();
      Answer answer = waiting.join();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.json().path("status").asText()).isEqualTo("cancelled");
      assertThat(answer.json().path("content").asText()).isEqualTo(text(moment));
    }
    assertEnded(chat, moment);
  }

  @Test
  void cancel_ofAllRuns_neverAsksForThoseThatWereQueued() {
    String chat = chat();
    int before = provider.requests().size();
    hang(Moment.MID_REPLY);
    try (ChatClient client = connect(chat)) {
      post(chat, "one");
      client.await("delta");
      post(chat, "two");
      post(chat, "three");
      cancel(chat);
      provider.awaitHangUp();
      Await.until(() -> Sql.isIdle(app), () -> "an idle server");
    }
    assertThat(brief(stored(chat)).stream().filter("run cancelled"::equals)).hasSize(3);
    assertThat(ask(chat, "@echo free").status()).isEqualTo(200);
    assertThat(provider.requests()).hasSize(before + 1);
  }

  @ParameterizedTest
  @EnumSource
  void deletion_hangsUp(Deleted deleted) {
    AppFixture.Login owner = app.login();
    String space = app.workspace(owner);
    String chat = app.chat(owner, space);
    for (Moment moment : List.of(Moment.MID_REPLY, Moment.BEFORE_HEADERS)) {
      // One chat's request has come to its middle, the other's waits for an answer.
      String each = moment == Moment.MID_REPLY ? chat : app.chat(owner, space);
      Gate reached = hang(moment);
      app.post(owner.token(), "/chat/message", AppFixture.object("chat_id", each, "message", "Hi"));
      reached.await();
      if (deleted == Deleted.CHAT) {
        app.delete(owner.token(), "/chat?chat_id=" + each, null);
        provider.awaitHangUp();
      }
    }
    if (deleted == Deleted.WORKSPACE) {
      app.delete(owner.token(), "/workspace/" + space, null);
    } else if (deleted == Deleted.ACCOUNT) {
      app.delete(owner.token(), "/user", AppFixture.object("password", AppFixture.password()));
    }
    if (deleted != Deleted.CHAT) {
      provider.awaitHangUp();
      provider.awaitHangUp();
    }
    assertThat(Sql.row(app, "SELECT run_id FROM runs", chat)).isEmpty();
  }

  @Test
  void streamThatIsHungUp_doesNotHangUpOnTheProvider() {
    String chat = chat();
    Gate goOn = new Gate();
    provider.then(
        line -> {
          Moment.MID_REPLY.reach(line);
          goOn.await();
          line.send(WireFormat.OPENAI.text(" and half") + WireFormat.OPENAI.end(7, 3)).end();
        });
    var body = AppFixture.object("chat_id", chat, "message", "Hi");
    try (var stream =
        EventStream.open(app, user.token(), "POST", "/chat/message", body, Map.of())) {
      stream.await("delta");
    }
    goOn.open();
    Await.until(() -> messages(chat).size() == 2, () -> "the reply");
    assertThat(messages(chat).path(1).path("content").asText()).isEqualTo("Half and half");
    assertThat(messages(chat).path(1).path("status").asText()).isEqualTo("completed");
  }

  private Gate hang(Moment moment) {
    Gate gate = new Gate();
    provider.then(
        line -> {
          moment.reach(line);
          gate.open();
          line.awaitHangUp();
        });
    reached = gate;
    return gate;
  }

  private void await(Moment moment, ChatClient client) {
    reached.await();
    if (moment == Moment.MID_REPLY) {
      client.await("delta");
    }
  }

  private void cancel(Way way, String chat, String run, ChatClient client) {
    switch (way) {
      case FRAME -> client.send("cancel", AppFixture.object());
      case FRAME_WITH_RUN -> client.send("cancel", AppFixture.object("run_id", run));
      case ROUTE -> assertThat(cancel(chat).msg()).isEqualTo("Run cancelled");
      default -> {
        String path = "/chat/cancel?chat_id=" + chat + "&run_id=" + run;
        assertThat(app.post(user.token(), path, null).msg()).isEqualTo("Run cancelled");
      }
    }
  }

  private static String text(Moment moment) {
    return moment == Moment.MID_REPLY ? "Half" : "";
  }

  /** One end, the text that there was and no more, and the tokens that were spent on it. */
  private void assertEnded(String chat, Moment moment) {
    List<JsonNode> events = stored(chat);
    assertThat(brief(events).stream().filter(e -> e.matches("run (?!queued|running).*")))
        .containsExactly("run cancelled");
    JsonNode messages = messages(chat);
    String row = Sql.row(app, "SELECT status, model, input_tokens, output_tokens FROM runs", chat);
    if (moment == Moment.MID_REPLY) {
      assertThat(messages).hasSize(2);
      assertThat(messages.path(1).path("content").asText()).isEqualTo("Half");
      assertThat(messages.path(1).path("status").asText()).isEqualTo("cancelled");
      assertThat(messages.path(1).path("usage").path("input_tokens").asInt()).isPositive();
      assertThat(row).matches("cancelled scripted/model [1-9]\\d* [1-9]\\d*");
    } else {
      assertThat(messages).hasSize(1);
      assertThat(row).matches("cancelled scripted/model [1-9]\\d* 0");
    }
  }
}
