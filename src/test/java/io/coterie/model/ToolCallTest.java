package io.coterie.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tool calls in the three formats as they are published. */
class ToolCallTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ToolCall ADD = ToolCall.of("call_1", "add", "{\"a\":1,\"b\":\"é\"}");
  private static final ToolCall NOW = ToolCall.of("call_2", "now", "");

  private static ToolExecutionRequest request(String id, String name, String arguments) {
    return ToolExecutionRequest.builder().id(id).name(name).arguments(arguments).build();
  }

  @ParameterizedTest
  @EnumSource
  void reply_oneToolCall_arrivesWithItsArgumentsAndUsage(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(format.asking("", ADD));

      ReplyRecorder reply = f.ask();
      ChatResponse response = reply.awaitResponse();

      assertThat(response.aiMessage().toolExecutionRequests())
          .containsExactly(request("call_1", "add", "{\"a\":1,\"b\":\"é\"}"));
      assertThat(response.aiMessage().text()).isNull();
      assertThat(response.finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
      assertThat(response.tokenUsage().inputTokenCount()).isEqualTo(7);
      assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(3);
      assertThat(reply.toolCalls())
          .singleElement()
          .satisfies(
              call ->
                  assertThat(call.toolExecutionRequest())
                      .isEqualTo(response.aiMessage().toolExecutionRequests().get(0)));
      assertThat(reply.endings()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void reply_textAndParallelCalls_arriveInOrder(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      ToolCall third = ToolCall.of("call_3", "add", "{\"a\":[{\"b\":null}],\"c\":1.5}");
      f.server.then(format.asking("Let me see.", ADD, NOW, third));

      ReplyRecorder reply = f.ask();
      ChatResponse response = reply.awaitResponse();

      assertThat(reply.text()).isEqualTo("Let me see.");
      assertThat(response.aiMessage().text()).isEqualTo("Let me see.");
      assertThat(response.aiMessage().toolExecutionRequests())
          .containsExactly(
              request("call_1", "add", "{\"a\":1,\"b\":\"é\"}"),
              request("call_2", "now", "{}"),
              request("call_3", "add", "{\"a\":[{\"b\":null}],\"c\":1.5}"));
      assertThat(reply.toolCalls()).extracting(call -> call.index()).containsExactly(0, 1, 2);
    }
  }

  @ParameterizedTest
  @EnumSource
  void reply_callWithoutArguments_hasAnEmptyObject(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(format.asking("", NOW));

      assertThat(f.ask().awaitResponse().aiMessage().toolExecutionRequests())
          .containsExactly(request("call_2", "now", "{}"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void reply_argumentsSplitAtEveryByteAndUnit_arriveWhole(WireFormat format) throws Exception {
    try (ModelFixture f = new ModelFixture(format)) {
      String arguments = "{\"text\":\"é 世 🌍 \\n \\ud83c\\udf0d \\\"{}\\\\ end\",\"n\":-1.25e3}";
      String sent =
          format.toolCalls(
              List.of(
                  ToolCall.inUnits("call_1", "say", arguments),
                  ToolCall.inUnits("call_2", "say", arguments)));
      f.server.then(
          line -> {
            line.open(format);
            for (byte one : sent.getBytes(StandardCharsets.UTF_8)) {
              line.send(new byte[] {one});
            }
            line.send(format.endWithToolCalls(7, 3)).end();
          });

      List<ToolExecutionRequest> requests =
          f.ask().awaitResponse().aiMessage().toolExecutionRequests();

      assertThat(requests).hasSize(2);
      JsonNode expected = JSON.readTree(arguments);
      for (ToolExecutionRequest request : requests) {
        assertThat(JSON.readTree(request.arguments())).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void reply_unknownFields_areIgnored(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      String odd =
          format
              .toolCalls(List.of(ADD))
              .replace("\"function\":{", "\"extra_content\":{\"x\":[1]},\"function\":{\"y\":null,")
              .replace("\"type\":\"tool_use\"", "\"type\":\"tool_use\",\"caller\":{\"x\":[1]}")
              .replace("\"index\":", "\"new_field\":{\"a\":[]},\"index\":");
      f.server.then(line -> line.open(format).send(odd).send(format.endWithToolCalls(7, 3)).end());

      assertThat(odd).contains("new_field");
      assertThat(f.ask().awaitResponse().aiMessage().toolExecutionRequests())
          .containsExactly(request("call_1", "add", "{\"a\":1,\"b\":\"é\"}"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":", "not json", "[1]", "{\"a\":1} and so on"})
  void reply_malformedArguments_arriveAsTheyAre(String arguments) {
    for (WireFormat format : List.of(WireFormat.OPENAI, WireFormat.ANTHROPIC)) {
      try (ModelFixture f = new ModelFixture(format)) {
        f.server.then(format.asking("", ToolCall.of("call_1", "add", arguments)));

        assertThat(f.ask().awaitResponse().aiMessage().toolExecutionRequests())
            .containsExactly(request("call_1", "add", arguments));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"[1]", "7", "\"no object\""})
  void reply_argumentsThatOllamaCannotHaveSent_areAClearFailure(String arguments) {
    try (ModelFixture f = new ModelFixture(WireFormat.OLLAMA)) {
      f.server.then(
          WireFormat.OLLAMA.asking("", new ToolCall("call_1", "add", List.of(arguments))));

      assertThat(f.askInVain())
          .hasMessage("The model provider's answer is not in the form it should have.");
    }
  }

  @ParameterizedTest
  @EnumSource
  void reply_callWithoutAName_isAClearFailure(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(format.asking("", ToolCall.of("call_1", " ", "{\"a\":1}")));

      ReplyRecorder reply = f.ask();
      assertThat(ModelErrors.describe(reply.awaitError(), ModelFixture.REF))
          .hasMessage("The model provider's answer is not in the form it should have.");
      assertThat(reply.toolCalls()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void reply_callsWithoutIds_getIdsOfTheirOwn(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(
          line ->
              line.open(format)
                  .send(
                      format
                          .toolCalls(List.of(ADD, ADD, NOW))
                          .replace("\"id\":\"call_1\",", "")
                          .replace("\"call_2\"", "null"))
                  .send(format.endWithToolCalls(7, 3))
                  .end());

      List<ToolExecutionRequest> requests =
          f.ask().awaitResponse().aiMessage().toolExecutionRequests();

      assertThat(requests)
          .extracting(ToolExecutionRequest::name)
          .containsExactly("add", "add", "now");
      // What Anthropic allows is what all allow.
      assertThat(requests).allSatisfy(r -> assertThat(r.id()).matches("[A-Za-z0-9_-]{5,64}"));
      assertThat(requests).extracting(ToolExecutionRequest::id).doesNotHaveDuplicates();
    }
  }

  @ParameterizedTest
  @EnumSource
  void reply_sameIdTwice_isMadeDifferent(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(format.asking("", ADD, ADD));

      List<ToolExecutionRequest> requests =
          f.ask().awaitResponse().aiMessage().toolExecutionRequests();

      assertThat(requests).extracting(ToolExecutionRequest::id).hasSize(2).doesNotHaveDuplicates();
      assertThat(requests.get(0).id()).isEqualTo("call_1");
    }
  }

  @ParameterizedTest
  @EnumSource
  void reply_cutOffInTheArguments_fails(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      String sent = format.toolCalls(List.of(ADD));
      f.server.then(line -> line.open(format).send(sent.substring(0, sent.length() - 40)).cut());

      ReplyRecorder reply = f.ask();
      assertThat(ModelErrors.describe(reply.awaitError(), ModelFixture.REF).remedy())
          .isEqualTo(RunFailure.Remedy.WAIT);
      assertThat(reply.toolCalls()).isEmpty();
    }
  }

  @Test
  void reply_thatTheTokenLimitCutShort_saysSo() {
    try (ModelFixture f = new ModelFixture(WireFormat.OPENAI)) {
      f.server.then(
          line ->
              line.open(WireFormat.OPENAI)
                  .send(WireFormat.OPENAI.toolCalls(List.of(ToolCall.of("c", "add", "{\"a\":"))))
                  .send(WireFormat.OPENAI.end(7, 3).replace("\"stop\"", "\"length\""))
                  .end());

      ChatResponse response = f.ask().awaitResponse();
      assertThat(response.finishReason()).isEqualTo(FinishReason.LENGTH);
      assertThat(response.aiMessage().toolExecutionRequests())
          .containsExactly(request("c", "add", "{\"a\":"));
    }
  }
}
