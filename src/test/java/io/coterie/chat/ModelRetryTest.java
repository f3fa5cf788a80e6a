package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.data.message.ChatMessage;
import io.coterie.AppFixture.Answer;
import io.coterie.model.Gate;
import io.coterie.model.RunFailure;
import io.coterie.model.RunFailure.Code;
import io.coterie.model.RunFailure.Remedy;
import io.coterie.model.ScriptedModel.Script;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a run does about a model that is busy, or cannot take so much. */
class ModelRetryTest extends SharedServer {

  private int before;

  @BeforeEach
  void count() {
    before = model.calls().size();
  }

  private int calls() {
    return model.calls().size() - before;
  }

  private static Script failing(Remedy remedy, Duration retryAfter, String... pieces) {
    return (request, reply) -> {
      for (String piece : pieces) {
        reply.text(piece);
      }
      reply.fail(new RunFailure(Code.MODEL_UNAVAILABLE, "Overloaded.", null, remedy, retryAfter));
    };
  }

  @Test
  void model_thatIsOverloadedForAMoment_isAskedAgain() {
    model.then(failing(Remedy.WAIT, null)).then(failing(Remedy.WAIT, Duration.ZERO));

    JsonNode reply = ask(chat(), "Hi").json();

    assertThat(reply.path("content").asText()).isEqualTo("Hello");
    assertThat(calls()).isEqualTo(3);
    assertThat(reply.path("usage").path("input_tokens").asInt()).isEqualTo(7);
    assertThat(reply.path("usage").path("output_tokens").asInt()).isEqualTo(3);
  }

  @Test
  void model_thatStaysOverloaded_failsWithItsMessage() {
    for (int i = 0; i < 4; i++) {
      model.then(failing(Remedy.WAIT, null));
    }

    Answer answer = ask(chat(), "Hi");

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.json().path("code").asText()).isEqualTo("model_unavailable");
    assertThat(answer.msg()).isEqualTo("Overloaded.");
    assertThat(calls()).isEqualTo(4);
  }

  @Test
  void failureAfterSomeText_isNotTriedAgain() {
    model.then(failing(Remedy.WAIT, null, "Half of"));

    assertThat(ask(chat(), "Hi").status()).isEqualTo(502);
    assertThat(calls()).isEqualTo(1);
  }

  @Test
  void failureThatWaitingDoesNotMend_isNotTriedAgain() {
    model.then(failing(Remedy.NONE, null));

    assertThat(ask(chat(), "Hi").status()).isEqualTo(502);
    assertThat(calls()).isEqualTo(1);
  }

  @Test
  void providerThatWantsALongPause_isNotWaitedFor() {
    model.then(failing(Remedy.WAIT, Duration.ofSeconds(55)));

    assertThat(ask(chat(), "Hi").status()).isEqualTo(502);
    assertThat(calls()).isEqualTo(1);
  }

  @Test
  void cancel_whileARunWaitsForItsModel_endsItAtOnce() {
    Gate asked = new Gate();
    model.then(
        (request, reply) -> {
          asked.open();
          failing(Remedy.WAIT, Duration.ofSeconds(19)).play(request, reply);
        });
    String chat = chat();
    try (var client = connect(chat)) {
      say(client, chat, "Hi");
      asked.await();
      assertThat(cancel(chat).msg()).isEqualTo("Run cancelled");
      client.awaitRun("cancelled");
    }
    assertThat(calls()).isEqualTo(1);
  }

  @Test
  void conversationThatIsTooLong_isShortenedUntilTheModelTakesIt() {
    String chat = chat();
    for (int i = 0; i < 6; i++) {
      ask(chat, i + " " + "x".repeat(20_000));
    }
    before = model.calls().size();
    model.then(taking(50_000)).then(taking(50_000)).then(taking(50_000)).then(taking(50_000));

    JsonNode reply = ask(chat, "The question").json();

    assertThat(reply.path("content").asText()).isEqualTo("Taken");
    assertThat(calls()).isBetween(2, 3);
    List<ChatMessage> taken = model.calls().get(model.calls().size() - 1).request().messages();
    assertThat(taken.get(0).toString()).contains("You are the coordinator");
    assertThat(taken.get(1).toString()).as("the oldest are left out").contains("xxx");
    assertThat(taken.toString()).contains("5 xxx", "The question").doesNotContain("0 xxx");
    drain();
  }

  @Test
  void conversationThatWasTooLong_isShortAtOnceTheNextTimeAndOthersAreNot() {
    String full = chat();
    String other = chat();
    for (int i = 0; i < 6; i++) {
      ask(full, i + " " + "x".repeat(9_000));
      ask(other, i + " " + "y".repeat(9_000));
    }
    model.then(taking(30_000)).then(taking(30_000)).then(taking(30_000)).then(taking(30_000));
    ask(full, "One");
    drain();
    count();

    ask(full, "Two");
    int remembered = lengthOfLastCall();
    ask(other, "Two");

    assertThat(calls()).isEqualTo(2);
    assertThat(remembered).isLessThan(30_000);
    assertThat(lengthOfLastCall()).isGreaterThan(54_000);
  }

  private int lengthOfLastCall() {
    return model.calls().get(model.calls().size() - 1).request().messages().stream()
        .mapToInt(message -> message.toString().length())
        .sum();
  }

  @Test
  void messageThatIsTooLongByItself_failsWithTheModelsMessage() {
    model.then(taking(100));

    Answer answer = ask(chat(), "x".repeat(10_000));

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.json().path("code").asText()).isEqualTo("model_rejected");
    assertThat(answer.msg()).isEqualTo("Too long.");
    assertThat(calls()).isEqualTo(1);
  }

  private void drain() {
    while (!ask(chat(), "Hi").json().path("content").asText().equals("Hello")) {
      // Scripts that were not needed.
    }
  }

  /** A model that takes so many units. */
  private static Script taking(int units) {
    return (request, reply) -> {
      int length = request.messages().stream().mapToInt(m -> m.toString().length()).sum();
      if (length > units) {
        reply.fail(new RunFailure(Code.MODEL_REJECTED, "Too long.", null, Remedy.SHORTEN, null));
      } else {
        reply.text("Taken").complete(7, 3);
      }
    };
  }
}
