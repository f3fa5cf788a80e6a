package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.model.chat.request.ChatRequest;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.http.Json;
import io.coterie.model.Gate;
import io.coterie.model.ScriptedModel.Reply;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** What a run may use, and how it ends when that is used up. */
class RunBudgetTest extends TeamServer {

  @Override
  String[] settings() {
    return new String[] {"agents.max-depth=3", "agents.max-steps=10", "agents.max-tokens=5000"};
  }

  private void assertExhausted(Answer answer, String setting) {
    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.json().path("code").asText()).isEqualTo("budget_exhausted");
    assertThat(answer.msg()).contains(setting);
  }

  @Test
  void agentsThatAskEachOther_endByDepth() {
    String one = id("one");
    String two = id("two");
    define(one, two);
    define(two, one);
    String chat = chat();

    Answer answer = ask(chat, "@" + one + " Go");

    assertExhausted(answer, "agents.max-depth");
    assertThat(acts(chat))
        .containsExactly(
            one + " at 0: started",
            one + " uses " + two + ": started",
            two + " for " + one + " at 1: started",
            two + " uses " + one + ": started",
            one + " for " + two + " at 2: started",
            one + " uses " + two + ": started",
            two + " for " + one + " at 3: started",
            two + " uses " + one + ": started",
            two + " uses " + one + ": failed",
            two + " for " + one + " at 3: failed",
            one + " uses " + two + ": failed",
            one + " for " + two + " at 2: failed",
            two + " uses " + one + ": failed",
            two + " for " + one + " at 1: failed",
            one + " uses " + two + ": failed",
            one + " at 0: failed");
    List<JsonNode> events = stored(chat);
    assertThat(brief(events.subList(events.size() - 3, events.size())))
        .containsExactly("agent failed", "error", "run failed");
    assertThat(ask(chat, "@echo free again").json().path("content").asText())
        .isEqualTo("free again");
  }

  /** An agent that does nothing but ask another. */
  private void define(String id, String delegate) {
    roles.put(id, (request, reply) -> call(reply, delegate, message("Go")));
    com.fasterxml.jackson.databind.node.ObjectNode manifest =
        AppFixture.object(
            "agent_id",
            id,
            "version",
            "1.0.0",
            "name",
            id,
            "description",
            "Loops.",
            "kind",
            "llm",
            "instructions",
            id + " is your name.");
    manifest.set("delegates", Json.MAPPER.valueToTree(List.of(delegate)));
    assertThat(app.post(user.token(), "/agent", manifest).status()).isEqualTo(200);
  }

  @Test
  void stepsOfARun_endItWhenUsedUp() {
    AtomicInteger calls = new AtomicInteger();
    String asker = agent("asker", counting(calls, forEver()), "calculator");

    Answer answer = ask(chat(), "@" + asker + " Go");

    assertExhausted(answer, "agents.max-steps");
    assertThat(answer.msg()).contains("10");
    assertThat(calls).hasValue(10);
  }

  @Test
  void stepsOfARun_countForAllItsAgents() {
    AtomicInteger calls = new AtomicInteger();
    String left = agent("left", counting(calls, forEver()), "calculator");
    String right = agent("right", counting(calls, forEver()), "calculator");
    String asker =
        agent(
            "asker",
            counting(calls, calling(left, message("a"), right, message("b"))),
            left,
            right);

    assertExhausted(ask(chat(), "@" + asker + " Go"), "agents.max-steps");
    // The last step may be one whose call the end of the run has overtaken.
    assertThat(calls.get()).isBetween(9, 10);
  }

  @Test
  void budgetThatOneUsesUp_endsTheWorkOfTheOthers() {
    Gate hanging = new Gate();
    Gate ended = new Gate();
    String patient =
        agent(
            "patient",
            (request, reply) -> {
              hanging.open();
              try {
                reply.awaitCancel();
              } finally {
                ended.open();
              }
            });
    String greedy =
        agent(
            "greedy",
            (request, reply) -> {
              hanging.await();
              forEver().accept(request, reply);
            },
            "calculator");
    String asker =
        agent("asker", calling(patient, message("a"), greedy, message("b")), patient, greedy);

    assertExhausted(ask(chat(), "@" + asker + " Go"), "agents.max-steps");
    ended.await();
  }

  @Test
  void tokensOfARun_countForAllItsAgents() {
    String helper = agent("helper", (request, reply) -> reply.text("much").complete(2_000, 2_900));
    AtomicInteger calls = new AtomicInteger();
    String asker =
        agent(
            "asker",
            (request, reply) -> {
              calls.incrementAndGet();
              calling(helper, message("x".repeat(2_000))).accept(request, reply);
            },
            helper);

    assertExhausted(ask(chat(), "@" + asker + " " + "y".repeat(600)), "agents.max-tokens");
    assertThat(calls).hasValue(1);
  }

  @Test
  void tokensOfADelegate_whenUsedUpInItsReply_endTheRun() {
    String helper =
        agent(
            "helper",
            (request, reply) -> {
              for (int i = 0; i < 100; i++) {
                reply.text("z".repeat(1_000));
              }
              reply.awaitCancel();
            });
    String asker = agent("asker", calling(helper, message("x")), helper);

    assertExhausted(ask(chat(), "@" + asker + " Go"), "agents.max-tokens");
  }

  @Test
  void stepsOfTheAgentItself_endTheRun() {
    String asker =
        agent("asker", forEver(), Json.MAPPER.createObjectNode().put("max_steps", 2), "calculator");

    assertExhausted(ask(chat(), "@" + asker + " Go"), "max_steps");
  }

  private static BiConsumer<ChatRequest, Reply> forEver() {
    return (request, reply) -> call(reply, "calculator", message("1+1"));
  }

  private static BiConsumer<ChatRequest, Reply> counting(
      AtomicInteger calls, BiConsumer<ChatRequest, Reply> role) {
    return (request, reply) -> {
      calls.incrementAndGet();
      role.accept(request, reply);
    };
  }

  @Test
  void lastStep_doesNotUseToolsWhoseResultsNobodyWouldRead() {
    String chat = chat();
    String asker = agent("asker", forEver(), "calculator");

    assertExhausted(ask(chat, "@" + asker + " Go"), "agents.max-steps");
    assertThat(acts(chat).stream().filter((asker + " uses calculator: started")::equals))
        .hasSize(9);
  }
}
