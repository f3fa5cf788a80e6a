package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.ChatClient;
import io.coterie.http.Json;
import io.coterie.model.Gate;
import io.coterie.model.RunFailure;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Delegates that fail, are missing, are stopped, or are asked for what cannot be meant. */
class DelegateTroubleTest extends TeamServer {

  @Test
  void delegate_thatFails_isReportedToTheOneWhoAsked() {
    String helper =
        agent(
            "helper",
            (request, reply) ->
                reply.fail(new RunFailure(RunFailure.Code.MODEL_AUTH, "The key is wrong.")));
    String asker = agent("asker", calling(helper, message("Do it")), helper);
    String chat = chat();

    JsonNode reply = ask(chat, "@" + asker + " Please").json();

    assertThat(reply.path("status").asText()).isEqualTo("completed");
    assertThat(reply.path("content").asText())
        .contains(helper, "could not answer", "The key is wrong.");
    assertThat(acts(chat))
        .contains(
            helper + " for " + asker + " at 1: failed", asker + " uses " + helper + ": failed");
  }

  @Test
  void delegate_thatIsNotInstalled_isSkippedAndReported() {
    String missing = id("missing");
    List<String> instructions = new CopyOnWriteArrayList<>();
    String asker =
        agent(
            "asker",
            (request, reply) -> {
              instructions.add(((SystemMessage) request.messages().get(0)).text());
              assertThat(request.toolSpecifications()).isNullOrEmpty();
              calling(missing, message("Do it")).accept(request, reply);
            },
            missing);
    String chat = chat();

    JsonNode reply = ask(chat, "@" + asker + " Please").json();

    assertThat(reply.path("status").asText()).isEqualTo("completed");
    assertThat(reply.path("content").asText()).contains("no agent called " + missing);
    assertThat(instructions.get(0)).contains(missing + ", which is not installed");
    assertThat(acts(chat))
        .containsExactly(
            asker + " at 0: started",
            missing + " for " + asker + " at 1: skipped",
            asker + " uses " + missing + ": failed",
            asker + " at 0: finished");
  }

  @Test
  void cancel_whileADelegateWorks_endsItsRequestToo() {
    Gate working = new Gate();
    Gate ended = new Gate();
    String helper =
        agent(
            "helper",
            (request, reply) -> {
              working.open();
              try {
                reply.awaitCancel();
              } finally {
                ended.open();
              }
            });
    String asker = agent("asker", calling(helper, message("Do it")), helper);
    String chat = chat();
    post(chat, "@" + asker + " Please");
    working.await();

    assertThat(cancel(chat).msg()).isEqualTo("Run cancelled");

    ended.await();
    try (ChatClient client = connect(chat, 0)) {
      client.awaitRun("cancelled");
    }
    List<JsonNode> events = stored(chat);
    assertThat(brief(events.subList(events.size() - 1, events.size())))
        .containsExactly("run cancelled");
    assertThat(acts(chat))
        .endsWith(
            helper + " for " + asker + " at 1: failed",
            asker + " uses " + helper + ": failed",
            asker + " at 0: finished");
  }

  @Test
  void whatAModelWritesForADelegate_inAnotherShape_isUnderstood() {
    List<String> questions = new CopyOnWriteArrayList<>();
    String helper =
        agent(
            "helper",
            (request, reply) -> {
              questions.add(question(request));
              reply.text("ok").complete(7, 3);
            });
    String asker =
        agent(
            "asker",
            calling(
                helper, "{\"task\":\"one\"}", helper, "no JSON", helper, "{\"a\":1,\"b\":\"c\"}"),
            helper);

    ask(chat(), "@" + asker + " Please");

    assertThat(questions).containsExactlyInAnyOrder("one", "no JSON", "{\"a\":1,\"b\":\"c\"}");
  }

  @Test
  void whatAModelWritesForADelegate_thatCannotBeMeant_isRefused() {
    String helper = agent("helper", saying("Asked."));
    String asker =
        agent(
            "asker",
            calling(
                helper,
                "{\"message\":\"cut o",
                helper,
                "{}",
                helper,
                "{\"message\":5}",
                helper,
                "5"),
            helper);

    String reply = ask(chat(), "@" + asker + " Go").json().path("content").asText();

    assertThat(reply.lines()).hasSize(4).allMatch(line -> line.startsWith("Not asked:"));
  }

  @Test
  void tooManyCallsAtOnce_theRestIsNotDone() {
    AtomicInteger calls = new AtomicInteger();
    String asker =
        agent(
            "asker",
            (request, reply) -> {
              if (calls.getAndIncrement() > 0) {
                long refused =
                    results(request).stream().filter(r -> r.startsWith("Not done")).count();
                reply.text(results(request).size() + " " + refused).complete(7, 3);
                return;
              }
              for (int i = 0; i < 40; i++) {
                reply.tool("call-" + i, "calculator", message(i + "+1"));
              }
              reply.complete(7, 3);
            },
            "calculator");

    JsonNode reply = ask(chat(), "@" + asker + " Please").json();

    assertThat(reply.path("content").asText()).isEqualTo("40 8");
  }

  @Test
  void stepsOfADelegate_whenUsedUp_areItsOwnProblem() {
    String helper =
        agent(
            "helper",
            (request, reply) -> call(reply, "calculator", message("1+1")),
            Json.MAPPER.createObjectNode().put("max_steps", 2),
            "calculator");
    String asker = agent("asker", calling(helper, message("Do it")), helper);

    Answer answer = ask(chat(), "@" + asker + " Please");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("content").asText())
        .contains(helper, "used up its 2 steps (max_steps)");
  }

  @Test
  void modelThatKnowsNoTools_answersWithoutThemAndTheyAreNotOfferedAgain() {
    String helper = agent("helper", saying("Not asked."));
    List<ChatRequest> requests = new CopyOnWriteArrayList<>();
    String asker =
        agent(
            "asker",
            (request, reply) -> {
              requests.add(request);
              if (request.toolSpecifications().isEmpty()) {
                reply.text("Alone").complete(7, 3);
              } else {
                reply.fail(
                    new RunFailure(
                        RunFailure.Code.MODEL_REJECTED,
                        "No tools.",
                        null,
                        RunFailure.Remedy.WITHOUT_TOOLS,
                        null));
              }
            },
            Json.MAPPER.createObjectNode().put("model", "scripted/toolless"),
            helper);
    String chat = chat();

    JsonNode first = ask(chat, "@" + asker + " Hi").json();
    JsonNode second = ask(chat, "@" + asker + " Hi").json();

    assertThat(first.path("content").asText()).isEqualTo("Alone");
    assertThat(second.path("content").asText()).isEqualTo("Alone");
    assertThat(requests).hasSize(3);
    assertThat(((SystemMessage) requests.get(2).messages().get(0)).text())
        .contains("cannot use now", "any agent or tool");
    assertThat(acts(chat))
        .containsExactly(
            asker + " at 0: started",
            asker + " uses tools: failed",
            asker + " at 0: finished",
            asker + " at 0: started",
            asker + " uses tools: failed",
            asker + " at 0: finished");
  }

  @Test
  void agentOfSomebodyElse_isNoDelegate() {
    String helper = agent("private", saying("A secret."));
    AppFixture.Login other = app.login();
    String asker = id("asker");
    roles.put(
        asker,
        (request, reply) -> {
          assertThat(request.toolSpecifications()).isNullOrEmpty();
          calling(helper, message("Tell me")).accept(request, reply);
        });
    com.fasterxml.jackson.databind.node.ObjectNode manifest =
        AppFixture.object(
            "agent_id", asker, "name", "N", "description", "D", "instructions", asker + " is it.");
    manifest.set("delegates", Json.MAPPER.valueToTree(List.of(helper)));
    app.post(other.token(), "/agent", manifest);
    String chat = app.chat(other);

    JsonNode reply =
        app.post(
                other.token(),
                "/chat/message?wait=true",
                AppFixture.object("chat_id", chat, "message", "@" + asker + " Go"))
            .json();

    assertThat(reply.path("content").asText()).contains("no agent called " + helper);
  }
}
