package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ChatMessageType;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import io.coterie.AppFixture;
import io.coterie.http.Json;
import io.coterie.model.ScriptedModel;
import io.coterie.model.ScriptedModel.Reply;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * A server with agents of the user's own, whose model says for each agent what the test wants it to
 * say.
 */
abstract class TeamServer extends SharedServer {

  /** What an agent says at each of its calls, by its id. */
  final Map<String, BiConsumer<ChatRequest, Reply>> roles = new ConcurrentHashMap<>();

  private final AtomicInteger names = new AtomicInteger();

  @Override
  AppFixture boot() {
    return boot(new ScriptedModel(this::play));
  }

  AppFixture boot(ScriptedModel roles) {
    return AppFixture.startWith(roles, settings());
  }

  private void play(ChatRequest request, Reply reply) {
    String instructions = ((SystemMessage) request.messages().get(0)).text();
    String agentId =
        instructions.startsWith("You are the coordinator")
            ? "coordinator"
            : firstWord(instructions);
    BiConsumer<ChatRequest, Reply> role = roles.get(agentId);
    assertThat(role).as("what %s says", agentId).isNotNull();
    role.accept(request, reply);
  }

  private static String firstWord(String text) {
    return text.split("\\s", 2)[0];
  }

  /** Defines an agent that says what {@code role} does; answers its id, which begins so. */
  String agent(String begin, BiConsumer<ChatRequest, Reply> role, String... delegates) {
    return agent(begin, role, Json.MAPPER.createObjectNode(), delegates);
  }

  /** As above, with more in its manifest. */
  String agent(
      String begin, BiConsumer<ChatRequest, Reply> role, ObjectNode more, String... delegates) {
    String id = id(begin);
    roles.put(id, role);
    ObjectNode manifest =
        AppFixture.object(
            "agent_id",
            id,
            "version",
            "1.0.0",
            "name",
            "Agent " + id,
            "description",
            "Does what " + id + " does.",
            "kind",
            "llm",
            "instructions",
            id + " is your name.");
    manifest.set("delegates", Json.MAPPER.valueToTree(List.of(delegates)));
    manifest.setAll(more);
    AppFixture.Answer answer = app.post(user.token(), "/agent", manifest);
    assertThat(answer.status()).as(answer.json().toString()).isEqualTo(200);
    return id;
  }

  /** An id that no other agent of this server has. */
  String id(String begin) {
    return begin + "-" + names.incrementAndGet();
  }

  /** Says a text. */
  static BiConsumer<ChatRequest, Reply> saying(String text) {
    return (request, reply) -> reply.text(text).complete(7, 3);
  }

  /** Asks once for tools, and then says what they answered, one a line. */
  static BiConsumer<ChatRequest, Reply> calling(String... namesAndArguments) {
    return (request, reply) -> {
      List<String> results = results(request);
      if (results.isEmpty()) {
        call(reply, namesAndArguments);
      } else {
        reply.text(String.join("\n", results)).complete(7, 3);
      }
    };
  }

  /** Asks for tools. */
  static void call(Reply reply, String... namesAndArguments) {
    for (int i = 0; i < namesAndArguments.length; i += 2) {
      reply.tool("call-" + i, namesAndArguments[i], namesAndArguments[i + 1]);
    }
    reply.complete(7, 3);
  }

  /** What a delegate is asked, as a model writes it. */
  static String message(String text) {
    return AppFixture.object("message", text).toString();
  }

  /** What tools have answered in this conversation. */
  static List<String> results(ChatRequest request) {
    return request.messages().stream()
        .filter(message -> message.type() == ChatMessageType.TOOL_EXECUTION_RESULT)
        .map(message -> ((ToolExecutionResultMessage) message).text())
        .toList();
  }

  /** What the person, or the agent that asks, said last. */
  static String question(ChatRequest request) {
    List<ChatMessage> asked =
        request.messages().stream()
            .filter(message -> message.type() == ChatMessageType.USER)
            .toList();
    return ((UserMessage) asked.get(asked.size() - 1)).singleText();
  }

  /** The stored {@code agent} and {@code tool} events of a chat, a line each. */
  List<String> acts(String chat) {
    return acts(stored(chat));
  }

  static List<String> acts(List<JsonNode> events) {
    return events.stream().filter(TeamServer::isAct).map(TeamServer::line).toList();
  }

  private static boolean isAct(JsonNode event) {
    String type = event.path("event").asText();
    return type.equals("agent") || type.equals("tool");
  }

  private static String line(JsonNode event) {
    JsonNode data = event.path("data");
    if (event.path("event").asText().equals("tool")) {
      return "%s uses %s: %s"
          .formatted(
              data.path("agent_id").asText(),
              data.path("name").asText(),
              data.path("status").asText());
    }
    return "%s%s at %d: %s"
        .formatted(
            data.path("agent_id").asText(),
            data.path("parent_agent_id").isNull()
                ? ""
                : " for " + data.path("parent_agent_id").asText(),
            data.path("depth").asInt(),
            data.path("status").asText());
  }
}
