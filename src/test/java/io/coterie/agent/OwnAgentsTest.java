package io.coterie.agent;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.AllAtOnce;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import io.coterie.Expect;
import io.coterie.http.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Agents that users make for themselves: POST /agent, and who sees them. */
class OwnAgentsTest {

  private static AppFixture app;
  private static Login admin;
  private static Login maker;
  private static Login other;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    admin = app.login();
    maker = app.login();
    other = app.login();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  private static String freshId() {
    return "own-" + UUID.randomUUID().toString().substring(0, 8);
  }

  private static ObjectNode manifest(String id) {
    return object("agent_id", id, "name", "Mine", "description", "Mine.", "instructions", "Help.");
  }

  @Test
  void create_wholeManifest_answersTheAgentAsItIsListed() throws Exception {
    String id = freshId();
    ObjectNode json =
        manifest(id)
            .put("version", "2.1.0-beta")
            .put("kind", "llm")
            .put("$schema", "https://example.com/schemas/agent.json");
    json.putArray("delegates").add("translator");
    json.putArray("starters").add("Begin");
    json.putArray("tools").addObject().putObject("mcp").put("url", "https://mcp.example/");
    Answer created = app.post(maker.token(), "/agent", json);
    assertThat(created.status()).isEqualTo(200);
    assertThat(created.response().body())
        .isEqualTo(
            ("{\"msg\":\"Agent created\",\"agent\":{\"agent_id\":\"%s\",\"name\":\"Mine\","
                    + "\"description\":\"Mine.\",\"version\":\"2.1.0-beta\",\"kind\":\"llm\","
                    + "\"source\":\"user\",\"delegates\":[\"translator\"],"
                    + "\"tools\":[{\"mcp\":{\"url\":\"https://mcp.example/\"}}],"
                    + "\"starters\":[\"Begin\"]}}")
                .formatted(id));
    JsonNode agent = created.json().path("agent");
    assertThat(app.get(maker.token(), "/agent").json().path("agents")).contains(agent);
  }

  @Test
  void create_withoutTools_isFoundAsItWasAnswered() {
    String id = freshId();
    JsonNode agent = app.post(maker.token(), "/agent", manifest(id)).json().path("agent");
    assertThat(agent.path("agent_id").asText()).isEqualTo(id);
    assertThat(app.get(maker.token(), "/agent/" + id).json()).isEqualTo(agent);
  }

  @Test
  void create_withoutVersionAndKind_hasTheUsualOnes() {
    for (ObjectNode json :
        List.of(manifest(freshId()), manifest(freshId()).putNull("version").putNull("kind"))) {
      JsonNode agent = app.post(maker.token(), "/agent", json).json().path("agent");
      assertThat(agent.path("version").asText()).isEqualTo("1.0.0");
      assertThat(agent.path("kind").asText()).isEqualTo("llm");
    }
  }

  @Test
  void agent_ofAUser_isThereForItsMakerAlone() {
    String id = freshId();
    create(maker, id);
    for (Login stranger : List.of(admin, other)) {
      Expect.msg(app.get(stranger.token(), "/agent/" + id), 404, "Agent not found");
      assertThat(app.get(stranger.token(), "/agent").json().findValuesAsText("agent_id"))
          .contains("guide")
          .doesNotContain(id);
      assertThat(inWorkspace(stranger, id)).isFalse();
    }
    Expect.msg(app.delete(other.token(), "/agent/" + id, null), 404, "Agent not found");
    assertThat(inWorkspace(maker, id)).isTrue();
  }

  @Test
  void mention_ofAnothersAgent_reachesNobody() {
    String id = freshId();
    create(maker, id);
    assertThat(answeredBy(maker, "@" + id + " hello")).isEqualTo(id);
    assertThat(answeredBy(other, "@" + id + " hello")).isEqualTo("guide");
    JsonNode told = reply(other, "Which agents are there?");
    assertThat(told.path("content").asText()).contains("echo").doesNotContain(id);
  }

  private static boolean inWorkspace(Login user, String agentId) {
    String path = "/workspace/" + app.workspace(user);
    app.post(user.token(), path + "/agent", object("agent_id", agentId));
    JsonNode agents = app.get(user.token(), path).json().path("workspace").path("agents");
    assertThat(agents).hasSize(1);
    return agents.get(0).path("installed").booleanValue();
  }

  /** Without a model its run fails, but under its name. */
  private static String answeredBy(Login user, String text) {
    String chat = app.chat(user);
    ObjectNode message = object("chat_id", chat, "message", text);
    app.post(user.token(), "/chat/message?wait=true", message);
    String events = "/chat/events?poll=1&since=0&chat_id=" + chat;
    for (JsonNode event : app.get(user.token(), events).json().path("events")) {
      if (event.path("event").asText().equals("run")) {
        return event.path("data").path("agent_id").asText();
      }
    }
    throw new AssertionError("no run");
  }

  private static JsonNode reply(Login user, String text) {
    ObjectNode message = object("chat_id", app.chat(user), "message", text);
    return app.post(user.token(), "/chat/message?wait=true", message).json();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "agent_id|null|agent_id must be 1 to 64",
        "agent_id|\"Big\"|agent_id must be 1 to 64",
        "agent_id|\"guide\"|agent_id guide is built in",
        "agent_id|\"search\"|agent_id search is reserved",
        "version|\"1\"|version must be a SemVer 2.0 version",
        "version|5|version must be a SemVer 2.0 version",
        "name|\"\"|name must be a text of 1 to 200 characters",
        "description|null|description must be a text of 1 to 1000 characters",
        "kind|\"script\"|kind must be \"llm\"",
        "instructions|null|instructions must be a text of 1 to 100000 characters",
        "instructions|\" \"|instructions must be a text of 1 to 100000 characters",
        "instructions_file|\"i.md\"|instructions_file needs a package: the text belongs in instructions",
        "model|\"gpt\"|model must be PROVIDER/MODEL",
        "temperature|3|temperature must be a number from 0 to 2",
        "delegates|[\"A\"]|each of delegates must be an agent_id",
        "tools|[{\"mcp\":{}}]|each of tools must be",
        "tools|[{\"mcp\":{\"url\":\"ftp://x\"}}]|tools url must be an http or https address",
        "max_steps|0|max_steps must be a whole number from 1 to 100"
      })
  void create_badField_isRefusedByName(String field, String value, String msg) throws Exception {
    String id = freshId();
    ObjectNode json = manifest(id).set(field, Json.MAPPER.readTree(value));
    Answer answer = app.post(maker.token(), "/agent", json);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.msg()).startsWith(msg);
    Expect.msg(answer, 400, answer.msg());
    Expect.msg(app.get(maker.token(), "/agent/" + id), 404, "Agent not found");
  }

  @Test
  void create_noJson_isMissing() {
    for (String body : new String[] {null, "", "[]", "{", "5"}) {
      Expect.msg(
          app.send(maker.token(), "POST", "/agent", body, java.util.Map.of()),
          400,
          "Missing JSON in request");
    }
  }

  @Test
  void create_takenId_isRefusedWhoeverHasIt() {
    String id = freshId();
    create(maker, id);
    for (Login user : List.of(maker, other, admin)) {
      Expect.msg(app.post(user.token(), "/agent", manifest(id)), 400, "Agent already exists");
    }
    app.get(maker.token(), "/agent/download?query=translator");
    Expect.msg(
        app.post(other.token(), "/agent", manifest("translator")), 400, "Agent already exists");
    Expect.msg(app.delete(maker.token(), "/agent/" + id, null), 200, "Agent uninstalled");
    create(other, id);
  }

  @Test
  void create_sameIdByManyAtOnce_isOnes() throws Exception {
    for (int round = 0; round < 10; round++) {
      String id = freshId();
      List<Callable<Answer>> calls = new ArrayList<>();
      for (Login user : List.of(maker, other, admin, maker)) {
        calls.add(() -> app.post(user.token(), "/agent", manifest(id)));
      }
      List<Answer> answers = AllAtOnce.call(calls);
      assertThat(answers.stream().filter(a -> a.status() == 200)).hasSize(1);
      assertThat(answers.stream().filter(a -> a.status() == 400))
          .hasSize(3)
          .allSatisfy(a -> Expect.msg(a, 400, "Agent already exists"));
    }
  }

  @Test
  void create_commandTools_isForAdmins() {
    String id = freshId();
    ObjectNode json = manifest(id);
    json.putArray("tools").addObject().putObject("mcp").putArray("command").add("true");
    Expect.msg(
        app.post(maker.token(), "/agent", json),
        403,
        "Only an admin may install a package that runs commands");
    Expect.msg(app.get(maker.token(), "/agent/" + id), 404, "Agent not found");
    assertThat(app.post(admin.token(), "/agent", json).status()).isEqualTo(200);
    Expect.msg(app.get(maker.token(), "/agent/" + id), 404, "Agent not found");
  }

  @Test
  void create_moreThanAHundred_isRefused() {
    Login busy = app.login();
    for (int i = 0; i < 100; i++) {
      create(busy, freshId());
    }
    Expect.msg(
        app.post(busy.token(), "/agent", manifest(freshId())),
        400,
        "A user can have at most 100 agents of their own");
    create(other, freshId());
  }

  @Test
  void uninstall_byMakerOrAdmin_freesTheId() {
    String id = freshId();
    create(maker, id);
    Expect.msg(app.delete(maker.token(), "/agent/" + id, null), 200, "Agent uninstalled");
    Expect.msg(app.delete(maker.token(), "/agent/" + id, null), 404, "Agent not found");
    create(maker, id);
    Expect.msg(app.delete(admin.token(), "/agent/" + id, null), 200, "Agent uninstalled");
    Expect.msg(app.get(maker.token(), "/agent/" + id), 404, "Agent not found");
  }

  @Test
  void download_idOfAUsersAgent_isRefused() {
    create(maker, "summarizer");
    for (Login user : List.of(maker, other, admin)) {
      Answer answer = app.get(user.token(), "/agent/download?query=summarizer");
      assertThat(answer.status()).isEqualTo(422);
      assertThat(answer.json().textValue())
          .isEqualTo(
              "Failed to download package: summarizer:latest, a user has made an agent of that id");
    }
    assertThat(app.get(maker.token(), "/agent/summarizer").json().path("source").asText())
        .isEqualTo("user");
    app.delete(maker.token(), "/agent/summarizer", null);
    assertThat(app.get(other.token(), "/agent/download?query=summarizer").status()).isEqualTo(200);
    app.delete(other.token(), "/agent/summarizer", null);
  }

  private static void create(Login user, String id) {
    assertThat(app.post(user.token(), "/agent", manifest(id)).msg()).isEqualTo("Agent created");
  }
}
