package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.request.ChatRequest;
import io.coterie.AppFixture;
import io.coterie.ChatClient;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Agents ask agents. */
class DelegationTest extends TeamServer {

  @Test
  void run_ofAnAgentWithDelegates_offersThemAsTools() {
    String helper = agent("helper", saying("Done."));
    List<ChatRequest> requests = new CopyOnWriteArrayList<>();
    String asker =
        agent(
            "asker",
            (request, reply) -> {
              requests.add(request);
              reply.text("Hello").complete(7, 3);
            },
            helper,
            "calculator");

    ask(chat(), "@" + asker + " Hi");

    List<ToolSpecification> tools = requests.get(0).toolSpecifications();
    assertThat(tools).extracting(ToolSpecification::name).containsExactly(helper, "calculator");
    assertThat(tools.get(0).description()).contains("Agent " + helper, "Does what " + helper);
    assertThat(tools.get(0).parameters().properties()).containsOnlyKeys("message");
    assertThat(tools.get(0).parameters().required()).containsExactly("message");
  }

  @Test
  void run_thatAsksADelegate_showsItsPartAndUsesItsAnswer() {
    List<ChatRequest> heard = new CopyOnWriteArrayList<>();
    String helper =
        agent(
            "helper",
            (request, reply) -> {
              heard.add(request);
              reply.text("Four").text("teen").complete(20, 10);
            });
    String asker = agent("asker", calling(helper, message("How much is 2*7?")), helper);
    String chat = chat();
    ask(chat, "@echo Earlier");

    JsonNode reply = ask(chat, "@" + asker + " Please").json();

    assertThat(reply.path("content").asText()).isEqualTo("Fourteen");
    assertThat(reply.path("agent_id").asText()).isEqualTo(asker);
    assertThat(reply.path("usage").path("input_tokens").asInt()).isEqualTo(7 + 20 + 7);
    assertThat(reply.path("usage").path("output_tokens").asInt()).isEqualTo(3 + 10 + 3);
    assertThat(heard).hasSize(1);
    assertThat(heard.get(0).messages()).hasSize(2);
    assertThat(question(heard.get(0))).isEqualTo("How much is 2*7?");
    List<String> acts = acts(chat);
    assertThat(acts.subList(acts.size() - 6, acts.size()))
        .containsExactly(
            asker + " at 0: started",
            asker + " uses " + helper + ": started",
            helper + " for " + asker + " at 1: started",
            helper + " for " + asker + " at 1: finished",
            asker + " uses " + helper + ": finished",
            asker + " at 0: finished");
  }

  @Test
  void toolEvents_sayInALineWhatIsAskedAndAnswered() {
    String helper = agent("helper", saying("Line one\nline two " + "x".repeat(1_000)));
    String asker = agent("asker", calling(helper, message("Do it")), helper);
    String chat = chat();

    ask(chat, "@" + asker + " Please");

    List<JsonNode> tools =
        stored(chat).stream().filter(e -> e.path("event").asText().equals("tool")).toList();
    assertThat(tools.get(0).path("data").path("summary").asText()).contains("Do it");
    assertThat(tools.get(1).path("data").path("summary").asText())
        .startsWith("Line one line two xxx")
        .hasSize(200)
        .endsWith("…");
    assertThat(tools.get(0).path("data").fieldNames())
        .toIterable()
        .containsExactly("run_id", "agent_id", "name", "status", "summary");
  }

  @Test
  void delegates_thatAreAskedTogether_workAtTheSameTime() throws InterruptedException {
    CountDownLatch both = new CountDownLatch(2);
    List<String> helpers =
        List.of(agent("left", meeting(both, "L")), agent("right", meeting(both, "R")));
    String asker =
        agent(
            "asker",
            calling(helpers.get(0), message("a"), helpers.get(1), message("b")),
            helpers.get(0),
            helpers.get(1));

    JsonNode reply = ask(chat(), "@" + asker + " Please").json();

    assertThat(reply.path("content").asText()).isEqualTo("L\nR");
  }

  private static java.util.function.BiConsumer<ChatRequest, io.coterie.model.ScriptedModel.Reply>
      meeting(CountDownLatch all, String text) {
    return (request, reply) -> {
      all.countDown();
      try {
        assertThat(all.await(20, TimeUnit.SECONDS)).as("the other works as well").isTrue();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      reply.text(text).complete(7, 3);
    };
  }

  @Test
  void coordinator_seesTheWorkspacesAgents() {
    String helper = agent("helper", saying("From the helper."));
    String space = app.workspace(user);
    for (String id : List.of(helper, "calculator", "nobody", "coordinator")) {
      app.post(user.token(), "/workspace/" + space + "/agent", AppFixture.object("agent_id", id));
    }
    List<ChatRequest> requests = new CopyOnWriteArrayList<>();
    roles.put(
        "coordinator",
        (request, reply) -> {
          requests.add(request);
          calling(helper, message("x"), "calculator", message("6*7")).accept(request, reply);
        });
    String chat = app.chat(user, space);

    JsonNode reply = ask(chat, "Please").json();

    assertThat(reply.path("agent_id").asText()).isEqualTo("coordinator");
    assertThat(requests.get(0).toolSpecifications())
        .extracting(ToolSpecification::name)
        .containsExactlyInAnyOrder(helper, "calculator");
    assertThat(reply.path("content").asText()).startsWith("From the helper.\n").contains("42");
    assertThat(acts(chat)).containsOnlyOnce("nobody at 0: skipped");
  }

  @Test
  void agentThatIsMadeCoordinator_seesTheWorkspacesAgentsBesideItsOwn() {
    String own = agent("own", saying("own"));
    String helper = agent("helper", saying("helper"));
    String chief = agent("chief", calling(own, message("x"), helper, message("y")), own);
    String space = app.workspace(user);
    for (String id : List.of(helper, "absent")) {
      app.post(user.token(), "/workspace/" + space + "/agent", AppFixture.object("agent_id", id));
    }
    app.put(
        user.token(), "/workspace/" + space + "/coordinator", AppFixture.object("agent_id", chief));
    String chat = app.chat(user, space);

    JsonNode reply = ask(chat, "Please").json();

    assertThat(reply.path("agent_id").asText()).isEqualTo(chief);
    assertThat(reply.path("content").asText()).isEqualTo("own\nhelper");
    assertThat(acts(chat)).containsOnlyOnce("absent for " + chief + " at 1: skipped");
  }

  @Test
  void delegatesOfDelegates_showParentAndDepth() {
    String leaf = agent("leaf", saying("leaf"));
    String middle = agent("middle", calling(leaf, message("x")), leaf);
    String top = agent("top", calling(middle, message("y")), middle);
    String chat = chat();

    ask(chat, "@" + top + " Please");

    assertThat(acts(chat))
        .contains(
            middle + " for " + top + " at 1: started",
            middle + " uses " + leaf + ": started",
            leaf + " for " + middle + " at 2: started",
            leaf + " for " + middle + " at 2: finished");
  }

  @Test
  void textBeforeAndAfterATool_isKeptApart() {
    String asker =
        agent(
            "asker",
            (request, reply) -> {
              if (results(request).isEmpty()) {
                reply.text("Let me").text(" see.");
                call(reply, "calculator", message("6*7"));
              } else {
                reply.text("It is").text(" 42.").complete(7, 3);
              }
            },
            "calculator");
    String chat = chat();
    try (ChatClient client = connect(chat)) {
      say(client, chat, "@" + asker + " 6*7?");
      client.awaitRun("completed");
      assertThat(assembled(client.received())).isEqualTo("Let me see.\n\nIt is 42.");
    }
    assertThat(messages(chat).get(1).path("content").asText())
        .isEqualTo("Let me see.\n\nIt is 42.");
  }
}
