package io.coterie.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The request that brings the results of tools, as each provider wants it. */
class ToolConversationTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static ToolExecutionRequest request(String id, String name, String arguments) {
    return ToolExecutionRequest.builder().id(id).name(name).arguments(arguments).build();
  }

  private static ToolExecutionResultMessage result(
      String id, String name, String text, Boolean isError) {
    return ToolExecutionResultMessage.builder()
        .id(id)
        .toolName(name)
        .text(text)
        .isError(isError)
        .build();
  }

  /** The messages as they are sent, without the tools. */
  private static JsonNode sent(WireFormat format, ChatMessage... messages) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.thenReply(format, "Fine.");
      ReplyRecorder reply = new ReplyRecorder();
      f.models
          .open(null, null, null, f.cancellation)
          .chat(ChatRequest.builder().messages(messages).build(), reply);
      assertThat(reply.awaitResponse().aiMessage().text()).isEqualTo("Fine.");
      return f.server.requests().get(0).body().path("messages");
    }
  }

  private static void assertSent(JsonNode messages, String... expected) throws Exception {
    List<JsonNode> nodes = new ArrayList<>();
    for (String each : expected) {
      nodes.add(JSON.readTree(each.replace('\'', '"')));
    }
    assertThat(messages).containsExactlyElementsOf(nodes);
  }

  private static final ChatMessage[] CONVERSATION = {
    UserMessage.from("2 + 2, and the time?"),
    AiMessage.builder()
        .text("Let me see.")
        .toolExecutionRequests(
            List.of(request("call_1", "add", "{\"a\":2,\"b\":[2]}"), request("call_2", "now", "")))
        .build(),
    result("call_1", "add", "4", null),
    result("call_2", "now", "No clock.", true)
  };

  @Test
  void openAi_callsAndResults_areInItsForm() throws Exception {
    assertSent(
        sent(WireFormat.OPENAI, CONVERSATION),
        "{'role':'user','content':'2 + 2, and the time?'}",
        "{'role':'assistant','content':'Let me see.','tool_calls':["
            + "{'id':'call_1','type':'function','function':"
            + "{'name':'add','arguments':'{\\'a\\':2,\\'b\\':[2]}'}},"
            + "{'id':'call_2','type':'function','function':{'name':'now','arguments':'{}'}}]}",
        "{'role':'tool','tool_call_id':'call_1','content':'4'}",
        "{'role':'tool','tool_call_id':'call_2','content':'No clock.'}");
  }

  @Test
  void anthropic_callsAndResults_areInItsForm() throws Exception {
    assertSent(
        sent(WireFormat.ANTHROPIC, CONVERSATION),
        "{'role':'user','content':[{'type':'text','text':'2 + 2, and the time?'}]}",
        "{'role':'assistant','content':[{'type':'text','text':'Let me see.'},"
            + "{'type':'tool_use','id':'call_1','name':'add','input':{'a':2,'b':[2]}},"
            + "{'type':'tool_use','id':'call_2','name':'now','input':{}}]}",
        "{'role':'user','content':["
            + "{'type':'tool_result','tool_use_id':'call_1','content':'4'},"
            + "{'type':'tool_result','tool_use_id':'call_2','content':'No clock.',"
            + "'is_error':true}]}");
  }

  @Test
  void ollama_callsAndResults_areInItsForm() throws Exception {
    assertSent(
        sent(WireFormat.OLLAMA, CONVERSATION),
        "{'role':'user','content':'2 + 2, and the time?','tool_calls':null}"
            .replace(",'tool_calls':null", ""),
        "{'role':'assistant','content':'Let me see.','tool_calls':["
            + "{'id':'call_1','function':{'name':'add','arguments':{'a':2,'b':[2]}}},"
            + "{'id':'call_2','function':{'name':'now','arguments':{}}}]}",
        "{'role':'tool','content':'4','tool_name':'add','tool_call_id':'call_1'}",
        "{'role':'tool','content':'No clock.','tool_name':'now','tool_call_id':'call_2'}");
  }

  @ParameterizedTest
  @EnumSource
  void call_withoutText_hasNone(WireFormat format) {
    for (String text : new String[] {null, "", " \n"}) {
      JsonNode said =
          sent(
                  format,
                  UserMessage.from("2 + 2?"),
                  AiMessage.builder()
                      .text(text)
                      .toolExecutionRequests(List.of(request("call_1", "add", "{}")))
                      .build(),
                  result("call_1", "add", "4", null))
              .get(1);

      if (format == WireFormat.ANTHROPIC) {
        assertThat(said.path("content")).hasSize(1);
        assertThat(said.path("content").get(0).path("type").asText()).isEqualTo("tool_use");
      } else {
        assertThat(said.path("tool_calls")).hasSize(1);
        assertThat(said.hasNonNull("content")).isFalse();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void result_withoutText_isSentEmpty(WireFormat format) {
    JsonNode last =
        sent(
                format,
                UserMessage.from("2 + 2?"),
                AiMessage.from(request("call_1", "add", "{}")),
                result("call_1", "add", "", null))
            .get(2);

    JsonNode content =
        format == WireFormat.ANTHROPIC
            ? last.path("content").get(0).path("content")
            : last.path("content");
    assertThat(content.isTextual()).isTrue();
    assertThat(content.textValue()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":", "not json", "[1]", "\"{}\"", "null", "{} {}"})
  void call_withArgumentsThatAreNoObject_isSentWithNone(String arguments) throws Exception {
    for (WireFormat format : WireFormat.values()) {
      JsonNode said =
          sent(
                  format,
                  UserMessage.from("2 + 2?"),
                  AiMessage.from(request("call_1", "add", arguments)),
                  result("call_1", "add", "The arguments are no object.", true))
              .get(1);

      JsonNode input =
          switch (format) {
            case ANTHROPIC -> said.path("content").get(0).path("input");
            case OPENAI ->
                JSON.readTree(
                    said.path("tool_calls").get(0).path("function").path("arguments").asText());
            case OLLAMA -> said.path("tool_calls").get(0).path("function").path("arguments");
          };
      assertThat(input).as(format.name()).isEqualTo(JSON.createObjectNode());
    }
  }

  @ParameterizedTest
  @EnumSource
  void call_withDeepArguments_isNoFailure(WireFormat format) {
    for (int depth : new int[] {400, 100_000}) {
      String deep = "{\"a\":" + "[".repeat(depth) + "]".repeat(depth) + "}";
      ToolSpecification tool = ToolSpecs.of("add", null, null);
      try (ModelFixture f = new ModelFixture(format)) {
        f.server.thenReply(format, "Fine.");
        ReplyRecorder reply = new ReplyRecorder();
        f.models
            .open(null, null, null, f.cancellation)
            .chat(
                ChatRequest.builder()
                    .messages(
                        UserMessage.from("2 + 2?"),
                        AiMessage.from(request("call_1", "add", deep)),
                        result("call_1", "add", "4", null))
                    .toolSpecifications(tool)
                    .build(),
                reply);

        assertThat(reply.awaitResponse().aiMessage().text()).isEqualTo("Fine.");
        assertThat(f.server.requests().get(0).body().toString().contains("[[[["))
            .isEqualTo(depth == 400);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void message_thatSaysNothing_isLeftOut(WireFormat format) {
    JsonNode messages =
        sent(
            format,
            UserMessage.from("One"),
            AiMessage.builder().text("").build(),
            UserMessage.from("Two"),
            AiMessage.from(" "),
            UserMessage.from("Three"));

    assertThat(messages).hasSize(3);
    assertThat(messages).allSatisfy(m -> assertThat(m.path("role").asText()).isEqualTo("user"));
  }

  @ParameterizedTest
  @EnumSource
  void conversation_ofSeveralRounds_keepsItsOrder(WireFormat format) {
    JsonNode messages =
        sent(
            format,
            SystemMessage.from("Be brief."),
            UserMessage.from("Go"),
            AiMessage.from(request("a", "one", "{}"), request("b", "two", "{}")),
            result("a", "one", "1", null),
            result("b", "two", "2", null),
            AiMessage.from(request("c", "one", "{}")),
            result("c", "one", "3", null),
            AiMessage.from("Done."),
            UserMessage.from("Again"));

    List<String> roles = new ArrayList<>();
    messages.forEach(message -> roles.add(message.path("role").asText()));
    if (format == WireFormat.ANTHROPIC) {
      assertThat(roles)
          .containsExactly("user", "assistant", "user", "assistant", "user", "assistant", "user");
      assertThat(messages.get(2).path("content")).hasSize(2);
    } else {
      assertThat(roles)
          .containsExactly(
              "system",
              "user",
              "assistant",
              "tool",
              "tool",
              "assistant",
              "tool",
              "assistant",
              "user");
    }
  }

  @ParameterizedTest
  @EnumSource
  void reply_askedForTools_canBeSentBack(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(
          line ->
              line.open(format)
                  .send(
                      format
                          .toolCalls(List.of(ToolCall.of("x", "add", "{\"a\":1}")))
                          .replace("\"id\":\"x\",", ""))
                  .send(format.endWithToolCalls(7, 3))
                  .end());
      f.server.thenReply(format, "4");
      AiMessage said = f.ask().awaitResponse().aiMessage();
      String id = said.toolExecutionRequests().get(0).id();
      ReplyRecorder second = new ReplyRecorder();
      f.models
          .open(null, null, null, f.cancellation)
          .chat(
              ChatRequest.builder()
                  .messages(UserMessage.from("Hello?"), said, result(id, "add", "4", false))
                  .build(),
              second);

      assertThat(second.awaitResponse().aiMessage().text()).isEqualTo("4");
      String body = f.server.requests().get(1).body().path("messages").toString();
      // Once where it is asked for and once where it is answered.
      assertThat(body.split(id, -1)).hasSize(3);
    }
  }
}
