package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import io.coterie.AppFixture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many agents that are not installed: what a message tells of them, and what it costs. */
class MissingAgentsTest extends TeamServer {

  private static final int TOLD = 20;

  private final List<ChatRequest> requests = new CopyOnWriteArrayList<>();

  @Test
  void missingAgents_ofAWorkspace_theFirstTwentyAreToldAndHowManyMore() {
    String space = workspaceOf(names("absent-", 33));
    record("coordinator");
    String chat = app.chat(user, space);

    assertThat(ask(chat, "Please").json().path("agent_id").asText()).isEqualTo("coordinator");

    assertThat(skipped(chat))
        .extracting(data -> data.path("agent_id").asText())
        .isEqualTo(names("absent-", TOLD));
    assertMore(skipped(chat), 13);
    assertThat(instructions()).contains("absent-b9,", "13 more agents").doesNotContain("absent-c0");
  }

  @Test
  void missingAgents_beforeThereWasABound_costAMessageNoMore() {
    String space = workspaceOf(List.of("calculator"));
    app.sql(
        "INSERT INTO workspace_agents (workspace_id, agent_id, added_at)"
            + " SELECT '%s', 'old-' || x, CURRENT_TIMESTAMP FROM SYSTEM_RANGE(1, 3000)"
                .formatted(space));
    String chat = app.chat(user, space);

    assertThat(ask(chat, "1+2").json().path("agent_id").asText()).isEqualTo("calculator");

    assertThat(skipped(chat)).hasSize(TOLD);
    assertMore(skipped(chat), 2_980);
    assertThat(stored(chat).size()).isLessThan(TOLD + 10);
    // They stay; no further one comes beside them, and one that is there may be added again.
    assertThat(agentsOf(space)).hasSize(3_001);
    assertThat(add(space, "echo").msg()).isEqualTo("Workspace has too many agents");
    assertThat(add(space, "old-7").status()).isEqualTo(200);
  }

  @Test
  void missingAgents_upToTwenty_areAllToldAndNoMore() {
    String space = workspaceOf(names("few-", TOLD));
    record("coordinator");
    String chat = app.chat(user, space);
    ask(chat, "Please");
    assertThat(skipped(chat)).hasSize(TOLD).noneMatch(data -> data.has("more"));
  }

  @Test
  void missingDelegates_ofAnAgentAndOfTheWorkspaceThatItCoordinates_areToldOnce() {
    String chief = id("chief");
    record(chief);
    String space = workspaceOf(names("absent-", 40));
    agentOf(chief, names("gone-", 50));
    app.put(
        user.token(), "/workspace/" + space + "/coordinator", AppFixture.object("agent_id", chief));
    String chat = app.chat(user, space);

    assertThat(ask(chat, "Please").json().path("agent_id").asText()).isEqualTo(chief);

    assertThat(skipped(chat))
        .extracting(data -> data.path("agent_id").asText())
        .isEqualTo(names("gone-", TOLD));
    assertThat(skipped(chat)).allMatch(data -> data.path("parent_agent_id").asText().equals(chief));
    assertMore(skipped(chat), 70);
  }

  @Test
  void missingDelegates_ofManyAgentsInOneRun_areBoundedTogether() {
    List<String> helpers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      String helper = id("helper");
      helpers.add(helper);
      roles.put(helper, saying("done"));
      agentOf(helper, names("gone-", 50));
    }
    String[] calls =
        helpers.stream()
            .flatMap(helper -> List.of(helper, message("x")).stream())
            .toArray(String[]::new);
    String chief = agent("chief", calling(calls), helpers.toArray(String[]::new));
    String chat = chat();

    ask(chat, "@" + chief + " Please");

    // Twenty by name, and one for each other agent that has some.
    assertThat(skipped(chat)).hasSize(TOLD + helpers.size() - 1);
    int told = skipped(chat).size();
    int more = skipped(chat).stream().mapToInt(data -> data.path("more").asInt()).sum();
    assertThat(told + more).isEqualTo(6 * 50);
  }

  private void record(String agentId) {
    roles.put(
        agentId,
        (request, reply) -> {
          requests.add(request);
          reply.text("noted").complete(7, 3);
        });
  }

  private String instructions() {
    return ((SystemMessage) requests.get(0).messages().get(0)).text();
  }

  private static List<String> names(String begin, int many) {
    return IntStream.range(0, many).mapToObj(i -> begin + (char) ('a' + i / 10) + i % 10).toList();
  }

  private void agentOf(String id, List<String> delegates) {
    ObjectNode manifest =
        AppFixture.object(
            "agent_id", id, "name", id, "description", "x", "instructions", id + " is your name.");
    delegates.forEach(manifest.putArray("delegates")::add);
    assertThat(app.post(user.token(), "/agent", manifest).status()).isEqualTo(200);
  }

  private String workspaceOf(List<String> agents) {
    String space = app.workspace(user);
    agents.forEach(id -> assertThat(add(space, id).status()).isEqualTo(200));
    return space;
  }

  private AppFixture.Answer add(String space, String agentId) {
    return app.post(
        user.token(), "/workspace/" + space + "/agent", AppFixture.object("agent_id", agentId));
  }

  private JsonNode agentsOf(String space) {
    return app.get(user.token(), "/workspace/" + space).json().at("/workspace/agents");
  }

  private List<JsonNode> skipped(String chat) {
    return stored(chat).stream()
        .filter(event -> event.path("event").asText().equals("agent"))
        .map(event -> event.path("data"))
        .filter(data -> data.path("status").asText().equals("skipped"))
        .toList();
  }

  /** Only the last says how many there are beside. */
  private static void assertMore(List<JsonNode> skipped, int more) {
    int last = skipped.size() - 1;
    assertThat(skipped.subList(0, last)).noneMatch(data -> data.has("more"));
    assertThat(skipped.get(last).path("more").asInt()).isEqualTo(more);
  }
}
