package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import io.coterie.AppFixture;
import io.coterie.Await;
import io.coterie.ChatClient;
import io.coterie.http.Json;
import io.coterie.model.ScriptedModel.Reply;
import io.coterie.tools.ToolProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Agents use the tools of real MCP servers, which run as processes of their own. */
class ToolsInChatTest extends TeamServer {

  private ToolProgram.Http http;

  @Override
  String[] settings() {
    return new String[] {"agents.tool-timeout=2s"};
  }

  @BeforeAll
  void startTools() {
    http = ToolProgram.startHttp();
  }

  @AfterAll
  void stopTools() {
    http.close();
  }

  private static ObjectNode mcp(JsonNode server) {
    ObjectNode more = Json.MAPPER.createObjectNode();
    more.putArray("tools").addObject().set("mcp", server);
    return more;
  }

  /** The class path is longer than a word of a command may be, so a file holds it. */
  private ObjectNode program() {
    List<String> words = ToolProgram.stdioCommand();
    Path file = app.dataDir().resolve("tool-program.args");
    try {
      Files.write(file, words.subList(1, words.size()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    JsonNode command = Json.MAPPER.valueToTree(List.of(words.get(0), "@" + file));
    return mcp(Json.MAPPER.createObjectNode().set("command", command));
  }

  private ObjectNode web() {
    return mcp(Json.MAPPER.createObjectNode().put("url", http.url().toString()));
  }

  /** Says what it was told to say, at each of its calls. */
  private static BiConsumer<ChatRequest, Reply> noting(
      List<ChatRequest> requests, BiConsumer<ChatRequest, Reply> role) {
    return (request, reply) -> {
      requests.add(request);
      role.accept(request, reply);
    };
  }

  private static List<String> names(ChatRequest request) {
    return request.toolSpecifications().stream().map(ToolSpecification::name).toList();
  }

  @Test
  void agent_withAProgram_usesItsTools() {
    List<ChatRequest> requests = new CopyOnWriteArrayList<>();
    String id = agent("program", noting(requests, calling("add", "{\"a\":2,\"b\":40}")), program());
    String chat = chat();

    JsonNode reply = ask(chat, "@" + id + " Add").json();

    assertThat(reply.path("content").asText()).isEqualTo("42.0");
    assertThat(names(requests.get(0))).contains("add", "echo", "slow");
    assertThat(acts(chat))
        .containsExactly(
            id + " at 0: started",
            id + " uses add: started",
            id + " uses add: finished",
            id + " at 0: finished");
  }

  @Test
  void agent_withAWebAddress_usesItsTools() {
    String id = agent("web", calling("echo", "{\"text\":\"Grüße\"}"), web());

    assertThat(ask(chat(), "@" + id + " Echo").json().path("content").asText()).isEqualTo("Grüße");
  }

  @Test
  void delegate_hasItsOwnTools() {
    String helper = agent("helper", calling("add", "{\"a\":1,\"b\":2}"), web());
    List<ChatRequest> requests = new CopyOnWriteArrayList<>();
    String asker = agent("asker", noting(requests, calling(helper, message("1+2"))), helper);
    String chat = chat();

    assertThat(ask(chat, "@" + asker + " Go").json().path("content").asText()).isEqualTo("3.0");
    assertThat(names(requests.get(0))).containsExactly(helper);
    assertThat(acts(chat)).contains(helper + " uses add: finished");
  }

  @Test
  void agentRoute_listsWhatTheServersOffer() {
    String id = agent("listed", saying(""), web());

    JsonNode tools = app.get(user.token(), "/agent/" + id).json().path("tools");

    List<String> names = new ArrayList<>();
    tools.forEach(tool -> names.add(tool.path("name").asText()));
    assertThat(names).contains("add", "echo");
    JsonNode add = tools.get(names.indexOf("add"));
    assertThat(add.path("description").asText()).isEqualTo("Adds two numbers.");
    assertThat(add.path("mcp").path("url").asText()).isEqualTo(http.url().toString());
  }

  @Test
  void tool_thatFails_isReportedAndShown() {
    String id = agent("failing", calling("fail", "{}"), web());
    String chat = chat();

    JsonNode reply = ask(chat, "@" + id + " Go").json();

    assertThat(reply.path("status").asText()).isEqualTo("completed");
    assertThat(reply.path("content").asText())
        .isEqualTo("The tool reported an error: It did not work.");
    assertThat(acts(chat)).contains(id + " uses fail: failed");
  }

  @Test
  void program_thatDiesInACall_isReportedAndStartedAnew() {
    String id =
        agent(
            "dying",
            (request, reply) ->
                calling(question(request).strip(), "{\"a\":1,\"b\":1,\"text\":\"x\"}")
                    .accept(request, reply),
            program());

    JsonNode crashed = ask(chat(), "@" + id + " crash").json();
    JsonNode after = ask(chat(), "@" + id + " add").json();

    assertThat(crashed.path("status").asText()).isEqualTo("completed");
    assertThat(after.path("content").asText()).isEqualTo("2.0");
  }

  @Test
  void tool_thatTakesTooLong_isGivenUpAndReported() {
    String id = agent("slow", calling("slow", "{\"key\":\"web\"}"), web());
    String chat = chat();

    JsonNode reply = ask(chat, "@" + id + " Go").json();

    assertThat(reply.path("status").asText()).isEqualTo("completed");
    assertThat(reply.path("content").asText()).contains("2 s");
    assertThat(acts(chat)).contains(id + " uses slow: failed");
  }

  @Test
  void cancel_whileAToolWorks_endsTheRunAtOnce() {
    String id = agent("cancelled", calling("slow", "{\"key\":\"program\"}"), program());
    String chat = chat();
    try (ChatClient client = connect(chat)) {
      say(client, chat, "@" + id + " Go");
      client.await("tool");
      assertThat(cancel(chat).msg()).isEqualTo("Run cancelled");
      client.awaitRun("cancelled");
    }
    assertThat(acts(chat)).contains(id + " uses slow: failed");
  }

  @Test
  void server_thatCannotBeReached_isToldAndDoneWithout() {
    List<ChatRequest> requests = new CopyOnWriteArrayList<>();
    ObjectNode nowhere = mcp(Json.MAPPER.createObjectNode().put("url", "http://127.0.0.1:1/mcp"));
    String id = agent("lonely", noting(requests, saying("Without")), nowhere);
    String chat = chat();

    JsonNode reply = ask(chat, "@" + id + " Go").json();

    assertThat(reply.path("content").asText()).isEqualTo("Without");
    assertThat(((SystemMessage) requests.get(0).messages().get(0)).text())
        .contains("the tools of 127.0.0.1");
    assertThat(acts(chat)).contains(id + " uses 127.0.0.1: failed");
    JsonNode tools = app.get(user.token(), "/agent/" + id).json().path("tools");
    assertThat(tools.get(0).path("error").asText()).isNotBlank();
    assertThat(tools.get(0).path("mcp").path("url").asText()).isEqualTo("http://127.0.0.1:1/mcp");
  }

  @Test
  void addressOfThisHost_inAnAgentOfSomebodyWhoIsNoAdmin_isRefused() {
    AppFixture.Login other = app.login();
    for (String host : List.of("127.0.0.1", "localhost", "[::1]", "0.0.0.0", "169.254.169.254")) {
      String id = id("guarded");
      ObjectNode manifest =
          AppFixture.object(
              "agent_id", id, "name", "N", "description", "D", "instructions", id + " is it.");
      String url = "http://" + host + ":" + http.port() + "/mcp";
      manifest.setAll(mcp(Json.MAPPER.createObjectNode().put("url", url)));
      assertThat(app.post(other.token(), "/agent", manifest).status()).isEqualTo(200);

      JsonNode tools = app.get(other.token(), "/agent/" + id).json().path("tools");

      assertThat(tools).as(host).hasSize(1);
      assertThat(tools.get(0).path("error").asText()).as(host).contains("only an admin's agents");
    }
  }

  @Test
  void adminWhoIsNoneAnyMore_hasAgentsThatMayNoLongerDoWhatAdminsMay() {
    AppFixture.Login other = app.login();
    app.sql("UPDATE users SET role = 'admin' WHERE user_id = '" + other.userId() + "'");
    List<String> ids = List.of(id("former"), id("former"));
    for (String id : ids) {
      ObjectNode manifest =
          AppFixture.object(
              "agent_id", id, "name", "N", "description", "D", "instructions", id + " is it.");
      manifest.setAll(id.equals(ids.get(0)) ? program() : web());
      assertThat(app.post(other.token(), "/agent", manifest).status()).isEqualTo(200);
      JsonNode tools = app.get(other.token(), "/agent/" + id).json().path("tools");
      assertThat(tools.size()).isGreaterThan(5);
    }

    app.sql("UPDATE users SET role = 'user' WHERE user_id = '" + other.userId() + "'");

    for (String id : ids) {
      JsonNode tools = app.get(other.token(), "/agent/" + id).json().path("tools");
      assertThat(tools).hasSize(1);
      assertThat(tools.get(0).path("error").asText()).contains("admin");
    }
  }

  @Test
  void toolWithTheNameOfADelegate_getsAnotherName() {
    List<ChatRequest> requests = new CopyOnWriteArrayList<>();
    String id =
        agent("both", noting(requests, calling("echo_2", "{\"text\":\"tool\"}")), web(), "echo");

    JsonNode reply = ask(chat(), "@" + id + " Go").json();

    assertThat(names(requests.get(0))).contains("echo", "echo_2");
    assertThat(reply.path("content").asText()).isEqualTo("tool");
  }

  @Test
  void agentThatIsUninstalled_takesItsProgramWithIt() {
    String id = agent("leaving", calling("pid", "{}"), program());
    long pid = Long.parseLong(ask(chat(), "@" + id + " Go").json().path("content").asText());
    assertThat(ProcessHandle.of(pid)).isPresent();

    app.delete(user.token(), "/agent/" + id, null);

    Await.until(() -> ProcessHandle.of(pid).isEmpty(), () -> "The program goes on");
  }
}
