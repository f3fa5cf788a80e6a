package io.coterie.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.model.output.FinishReason;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tool calls as gateways and local servers send them that only resemble the published formats. */
class OddToolCallTest {

  private static final String A = "{\"x\":1}";
  private static final String B = "{\"y\":2}";

  /** The calls, as {@code NAME ARGUMENTS}, of an OpenAI reply with these {@code tool_calls}. */
  private static List<ToolExecutionRequest> openAi(String... toolCalls) {
    return finishing("stop", toolCalls);
  }

  private static List<ToolExecutionRequest> finishing(String finish, String... toolCalls) {
    try (ModelFixture f = new ModelFixture(WireFormat.OPENAI)) {
      f.server.then(
          line -> {
            line.open(WireFormat.OPENAI);
            for (String calls : toolCalls) {
              line.send(
                  "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":["
                      + calls.replace('\'', '"')
                      + "]},\"finish_reason\":null}]}\n\n");
            }
            line.send(WireFormat.OPENAI.end(7, 3).replace("\"stop\"", '"' + finish + '"')).end();
          });
      var response = f.ask().awaitResponse();
      assertThat(response.finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
      assertThat(response.aiMessage().toolExecutionRequests())
          .allSatisfy(call -> assertThat(call.id()).isNotBlank());
      return response.aiMessage().toolExecutionRequests();
    }
  }

  private static String call(String fields, String name, String arguments) {
    return "{%s'function':{%s'arguments':%s}}"
        .formatted(
            fields.isEmpty() ? "" : fields + ",",
            name == null ? "" : "'name':'" + name + "',",
            WireFormat.quote(arguments));
  }

  private static void assertTwo(List<ToolExecutionRequest> calls) {
    assertThat(calls).extracting(ToolExecutionRequest::name).containsExactly("one", "two");
    assertThat(calls).extracting(ToolExecutionRequest::arguments).containsExactly(A, B);
    assertThat(calls).extracting(ToolExecutionRequest::id).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @CsvSource({"stop", "function_call", "tool_calls", "something_new"})
  void finish_byAnyName_isOfAReplyWithTools(String finish) {
    assertThat(finishing(finish, call("'index':0,'id':'a'", "one", A))).hasSize(1);
  }

  @Test
  void index_missingEverywhere_callsAreToldApartByTheirIds() {
    assertTwo(openAi(call("'id':'a'", "one", A) + "," + call("'id':'b'", "two", B)));
    assertTwo(
        openAi(
            call("'id':'a'", "one", "{'x'".replace('\'', '"')),
            call("", null, ":1}"),
            call("'id':'b'", "two", "{"),
            call("", null, "'y':2}".replace('\'', '"'))));
  }

  @Test
  void index_andIdMissing_callsAreToldApartByTheirNames() {
    assertTwo(openAi(call("", "one", A) + "," + call("", "two", B)));
    assertThat(openAi(call("", "one", A), call("", "one", B)))
        .extracting(ToolExecutionRequest::arguments)
        .containsExactly(A, B);
  }

  @Test
  void index_alwaysZero_callsAreToldApart() {
    assertTwo(openAi(call("'index':0,'id':'a'", "one", A), call("'index':0,'id':'b'", "two", B)));
    assertTwo(openAi(call("'index':0,'id':''", "one", A), call("'index':0,'id':''", "two", B)));
  }

  @Test
  void index_startingAnywhere_isNoMatter() {
    assertTwo(openAi(call("'index':3,'id':'a'", "one", A), call("'index':7,'id':'b'", "two", B)));
  }

  @Test
  void index_ofMixedPieces_keepsThemApart() {
    assertTwo(
        openAi(
            call("'index':0,'id':'a'", "one", "{\"x\""),
            call("'index':1,'id':'b'", "two", "{\"y\""),
            call("'index':0", null, ":1}") + "," + call("'index':1", null, ":2}")));
  }

  @Test
  void idAndName_repeatedInEachPiece_areTakenOnce() {
    List<ToolExecutionRequest> calls =
        openAi(
            call("'index':0,'id':'a','type':'function'", "one", "{\"x\""),
            call("'index':0,'id':'a','type':'function'", "one", ":1"),
            call("'index':0,'id':'a','type':'function'", "one", "}"));
    assertThat(calls)
        .containsExactly(ToolExecutionRequest.builder().id("a").name("one").arguments(A).build());
  }

  @Test
  void id_anotherInEachPiece_isStillOneCall() {
    assertThat(
            openAi(
                call("'index':0,'id':'a'", "one", ""),
                call("'index':0,'id':'b'", null, "{\"x\""),
                call("'index':0,'id':'c'", null, ":1}")))
        .containsExactly(ToolExecutionRequest.builder().id("a").name("one").arguments(A).build());
  }

  @Test
  void name_inPieces_isPutTogether() {
    assertThat(
            openAi(
                call("'index':0,'id':'a'", "o", ""),
                call("'index':0", "ne", ""),
                call("'index':0", null, A)))
        .extracting(ToolExecutionRequest::name)
        .containsExactly("one");
  }

  @Test
  void arguments_asAnObjectOrNull_areTaken() {
    assertThat(
            openAi(
                "{'index':0,'id':'a','type':'','function':{'name':'one','arguments':{'x':1}}}",
                "{'index':1,'id':'b','function':{'name':'two','arguments':null}}",
                "{'index':2,'id':'c','function':{'name':'three'}}",
                "{'index':3,'id':'d','function':{'name':'four','arguments':'null'}}"))
        .extracting(ToolExecutionRequest::arguments)
        .containsExactly(A, "{}", "{}", "{}");
  }

  @Test
  void pieces_withoutContent_arePassedOver() {
    assertThat(
            openAi(
                "{'index':0,'id':'a','function':{'name':'one','arguments':'{'}}",
                "{'index':0,'id':'','function':{'name':'','arguments':''}}",
                "{'index':0}",
                "null",
                "{'index':0,'function':{'arguments':'}'}}",
                "{'index':1,'function':null}"))
        .containsExactly(
            ToolExecutionRequest.builder().id("a").name("one").arguments("{}").build());
  }

  @Test
  void calls_afterTheFinishOrWithoutDone_arrive() {
    try (ModelFixture f = new ModelFixture(WireFormat.OPENAI)) {
      String calls = WireFormat.OPENAI.toolCalls(List.of(ToolCall.of("a", "one", A)));
      String end = WireFormat.OPENAI.endWithoutUsage();
      String finish = end.substring(0, end.indexOf("data: [DONE]"));
      f.server.then(line -> line.open(WireFormat.OPENAI).send(finish + calls).end());
      assertThat(f.ask().awaitResponse().aiMessage().toolExecutionRequests()).hasSize(1);
      f.server.then(line -> line.open(WireFormat.OPENAI).send(calls + "data: [DONE]\n\n").end());
      assertThat(f.ask().awaitResponse().aiMessage().toolExecutionRequests()).hasSize(1);
    }
  }

  @Test
  void calls_withoutNumber_areAFailure() {
    try (ModelFixture f = new ModelFixture(WireFormat.OPENAI)) {
      ToolCall[] many = new ToolCall[1001];
      for (int i = 0; i < many.length; i++) {
        many[i] = ToolCall.of("call_" + i, "one", "");
      }
      f.server.then(WireFormat.OPENAI.asking("", many));

      assertThat(f.askInVain()).hasMessageContaining("larger than any may be");
    }
  }

  @Test
  void anthropic_inputInTheBlockItself_isTaken() {
    WireFormat format = WireFormat.ANTHROPIC;
    try (ModelFixture f = new ModelFixture(format)) {
      String whole = format.toolCalls(List.of(ToolCall.of("a", "one", "")));
      String both = format.toolCalls(List.of(ToolCall.of("b", "two", B)));
      both = both.substring(both.indexOf("event: content_block_start"));
      String sent =
          (whole + both.replace("\"index\":1", "\"index\":2"))
              .replace("\"input\":{}", "\"input\":" + A);
      f.server.then(line -> line.open(format).send(sent).send(format.endWithToolCalls(7, 3)).end());

      assertTwo(f.ask().awaitResponse().aiMessage().toolExecutionRequests());
    }
  }

  @Test
  void anthropic_noTextBlock_isNothingSpecial() {
    WireFormat format = WireFormat.ANTHROPIC;
    try (ModelFixture f = new ModelFixture(format)) {
      String begin = format.begin();
      begin = begin.substring(0, begin.indexOf("event: content_block_start"));
      String calls = format.toolCalls(List.of(ToolCall.of("a", "one", A)));
      calls =
          calls
              .substring(calls.indexOf("event: content_block_start"))
              .replace("\"index\":1", "\"index\":0");
      String sent = begin + calls + format.endWithToolCalls(7, 3);
      f.server.then(line -> line.openOnly(format).send(sent).end());

      var response = f.ask().awaitResponse();
      assertThat(response.aiMessage().toolExecutionRequests()).hasSize(1);
      assertThat(response.aiMessage().text()).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void ollama_withoutIndexesAndIds_callsAreKeptApart(boolean inOneLine) {
    WireFormat format = WireFormat.OLLAMA;
    try (ModelFixture f = new ModelFixture(format)) {
      ToolCall one = ToolCall.of("x", "one", A);
      ToolCall two = ToolCall.of("x", "two", B);
      String lines =
          inOneLine
              ? format.toolCalls(List.of(one, two))
              : format.toolCalls(List.of(one)) + format.toolCalls(List.of(two));
      String sent = lines.replaceAll("\"(index|id)\":[^,]*,", "");
      f.server.then(line -> line.open(format).send(sent).send(format.endWithToolCalls(7, 3)).end());

      assertThat(sent).doesNotContain("index");
      assertTwo(f.ask().awaitResponse().aiMessage().toolExecutionRequests());
    }
  }

  @Test
  void ollama_callsInTheLastLine_arrive() {
    WireFormat format = WireFormat.OLLAMA;
    try (ModelFixture f = new ModelFixture(format)) {
      String last =
          format
              .toolCalls(List.of(ToolCall.of("a", "one", A), ToolCall.of("b", "two", B)))
              .replace("\"done\":false", "\"done\":true,\"done_reason\":\"stop\"");
      f.server.then(line -> line.open(format).send(last).end());

      var response = f.ask().awaitResponse();
      assertTwo(response.aiMessage().toolExecutionRequests());
      assertThat(response.tokenUsage()).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "\"\"", "\"null\"", "\"{}\""})
  void ollama_argumentsThatAreNone_areAnEmptyObject(String json) {
    try (ModelFixture f = new ModelFixture(WireFormat.OLLAMA)) {
      f.server.then(WireFormat.OLLAMA.asking("", new ToolCall("a", "one", List.of(json))));

      assertThat(f.ask().awaitResponse().aiMessage().toolExecutionRequests())
          .extracting(ToolExecutionRequest::arguments)
          .containsExactly("{}");
    }
  }

  @ParameterizedTest
  @EnumSource
  void usage_ofAReplyWithTools_isNullWhereNotCounted(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      String begin =
          format.begin().replace(",\"usage\":{\"input_tokens\":1,\"output_tokens\":1}", "");
      String calls = format.toolCalls(List.of(ToolCall.of("a", "one", A)));
      String end = format.endWithoutUsage();
      f.server.then(
          line ->
              line.openOnly(format)
                  .send(begin + calls)
                  .send(end.substring(Math.max(0, end.indexOf("event: message_delta"))))
                  .end());

      assertThat(f.ask().awaitResponse().tokenUsage()).isNull();
    }
  }
}
