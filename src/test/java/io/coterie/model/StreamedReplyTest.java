package io.coterie.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StreamedReplyTest {

  @ParameterizedTest
  @EnumSource
  void reply_streamed_arrivesPieceByPiece(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      Gate more = new Gate();
      f.server.then(
          line -> {
            line.open(format).send(format.text("Hel"));
            more.await();
            line.send(format.text("lo")).send(format.end(7, 3)).end();
          });

      ReplyRecorder reply = f.ask();
      reply.awaitText("Hel");
      assertThat(more.isOpen()).isFalse();
      assertThat(reply.endings()).isZero();
      more.open();

      ChatResponse response = reply.awaitResponse();
      assertThat(response.aiMessage().text()).isEqualTo("Hello");
      assertThat(reply.text()).isEqualTo("Hello");
      assertThat(response.tokenUsage().inputTokenCount()).isEqualTo(7);
      assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(3);
      assertThat(reply.endings()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void reply_charactersSplitBetweenPackets_arriveWhole(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      String text = "Grüße, 世界 🌍!";
      f.server.then(
          line -> {
            line.open(format);
            for (byte one : format.text(text).getBytes(StandardCharsets.UTF_8)) {
              line.send(new byte[] {one});
            }
            line.send(format.end(7, 3)).end();
          });

      assertThat(f.ask().awaitResponse().aiMessage().text()).isEqualTo(text);
    }
  }

  @ParameterizedTest
  @EnumSource
  void reply_withoutUsage_completes(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(
          line ->
              line.openOnly(format)
                  .send(beginWithoutUsage(format) + format.text("Hi"))
                  .send(format.endWithoutUsage())
                  .end());

      ChatResponse response = f.ask().awaitResponse();
      assertThat(response.aiMessage().text()).isEqualTo("Hi");
      assertThat(response.tokenUsage()).isNull();
    }
  }

  private static String beginWithoutUsage(WireFormat format) {
    return format.begin().replace(",\"usage\":{\"input_tokens\":1,\"output_tokens\":1}", "");
  }

  @ParameterizedTest
  @EnumSource
  void reply_endsProperlyButLacksItsEndMarker_isAFailure(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(line -> line.open(format).send(format.text("Half of")).end());

      ReplyRecorder reply = f.ask();
      assertBrokeOff(ModelErrors.describe(reply.awaitError(), ModelFixture.REF));
      assertThat(reply.text()).isEqualTo("Half of");
      assertThat(reply.endings()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void reply_connectionCut_isAFailure(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(line -> line.open(format).send(format.text("Half of")).cut());

      ReplyRecorder reply = f.ask();
      assertBrokeOff(ModelErrors.describe(reply.awaitError(), ModelFixture.REF));
      assertThat(reply.endings()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void reply_connectionCutBeforeHeaders_isAFailureAndNotTriedAgain(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(ScriptedProvider.Line::cut).thenReply(format, "A second request");

      RunFailure failure = f.askInVain();
      assertThat(failure.code()).isEqualTo(RunFailure.Code.MODEL_UNAVAILABLE);
      assertThat(f.server.requests()).hasSize(1);
    }
  }

  private static void assertBrokeOff(RunFailure failure) {
    assertThat(failure.code()).isEqualTo(RunFailure.Code.MODEL_UNAVAILABLE);
    assertThat(failure).hasMessageContaining("broke off");
  }

  @ParameterizedTest
  @EnumSource
  void reply_errorInTheMiddle_isAFailureAndHangsUp(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(
          line -> {
            line.open(format).send(format.text("Half"));
            line.send(format.error("overloaded_error", "Overloaded"));
            line.awaitHangUp();
          });

      ReplyRecorder reply = f.ask();
      RunFailure failure = ModelErrors.describe(reply.awaitError(), ModelFixture.REF);
      assertThat(failure.code()).isEqualTo(RunFailure.Code.MODEL_UNAVAILABLE);
      assertThat(failure).hasMessageContaining("overloaded");
      assertThat(reply.text()).isEqualTo("Half");
      f.server.awaitHangUp();
      assertThat(reply.endings()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void reply_notInTheProvidersFormat_isAFailure(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(
          line -> {
            line.open(format).send(format == WireFormat.OLLAMA ? "{oops\n" : "data: {oops\n\n");
            line.awaitHangUp();
          });

      RunFailure failure = f.askInVain();
      assertThat(failure.code()).isEqualTo(RunFailure.Code.MODEL_UNAVAILABLE);
      assertThat(failure).hasMessageContaining("form");
      f.server.awaitHangUp();
    }
  }

  @ParameterizedTest
  @EnumSource
  void reply_valueOfAnUnexpectedKind_isAFailure(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(
          line -> {
            line.open(format)
                .send(
                    switch (format) {
                      case OPENAI -> "data: {\"choices\":\"none\"}\n\n";
                      case ANTHROPIC -> "data: {\"type\":\"message_delta\",\"delta\":7}\n\n";
                      case OLLAMA -> "{\"message\":7,\"done\":false}\n";
                    })
                .send(format.end(1, 1))
                .end();
          });

      ReplyRecorder reply = f.ask();
      RunFailure failure = ModelErrors.describe(reply.awaitError(), ModelFixture.REF);
      assertThat(failure.code()).isEqualTo(RunFailure.Code.MODEL_UNAVAILABLE);
      assertThat(reply.endings()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void reply_bodyStaysOpenAfterTheEndMarker_completesAtOnceAndHangsUp(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(
          line -> {
            line.open(format).send(format.text("Hi")).send(format.end(7, 3));
            line.awaitHangUp();
          });

      assertThat(f.ask().awaitResponse().aiMessage().text()).isEqualTo("Hi");
      f.server.awaitHangUp();
    }
  }

  @ParameterizedTest
  @EnumSource
  void replies_oneAfterAnother_shareConnections(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      int rounds = 20;
      for (int i = 0; i < rounds; i++) {
        f.server.thenReply(format, "Hi");
        assertThat(f.ask().awaitResponse().aiMessage().text()).isEqualTo("Hi");
        f.server.awaitReply();
      }
      // Not always one: a reply is complete a moment before the client has freed its connection.
      assertThat(f.server.connections()).isLessThan(rounds / 2);
    }
  }

  @Test
  void reply_endsWithFinishReasonButNoDone_completes() {
    try (ModelFixture f = new ModelFixture(WireFormat.OPENAI)) {
      f.server.then(
          line ->
              line.open(WireFormat.OPENAI)
                  .send(WireFormat.OPENAI.text("Hi"))
                  .send(WireFormat.OPENAI.end(7, 3).replace("data: [DONE]\n\n", ""))
                  .end());

      ChatResponse response = f.ask().awaitResponse();
      assertThat(response.aiMessage().text()).isEqualTo("Hi");
      assertThat(response.tokenUsage().totalTokenCount()).isEqualTo(10);
    }
  }

  @Test
  void reply_errorObjectWithStatus200_isAFailure() {
    try (ModelFixture f = new ModelFixture(WireFormat.OPENAI)) {
      f.server.then(
          line ->
              line.answer(
                  200,
                  "application/json",
                  WireFormat.OPENAI.errorBody("rate_limit_exceeded", "Slow down")));

      assertThat(f.askInVain().code()).isEqualTo(RunFailure.Code.MODEL_RATE_LIMITED);
    }
  }

  @Test
  void reply_anthropicKindsOfEventsAndNamesLeftOut_arePassedOver() {
    try (ModelFixture f = new ModelFixture(WireFormat.ANTHROPIC)) {
      WireFormat format = WireFormat.ANTHROPIC;
      f.server.then(
          line ->
              line.open(format)
                  .send("event: brand_new\ndata: {\"type\":\"brand_new\",\"delta\":7}\n\n")
                  .send((format.text("Hi") + format.end(7, 3)).replaceAll("event: .*\n", ""))
                  .send("data: [DONE]\n\n")
                  .end());

      assertThat(f.ask().awaitResponse().aiMessage().text()).isEqualTo("Hi");
    }
  }

  @Test
  void reply_largerThanAnyMayBe_isAFailureAndHangsUp() {
    try (ModelFixture f = new ModelFixture(WireFormat.OLLAMA)) {
      // One endless line, so that nothing but the bytes' number can stop it.
      f.server.then(line -> line.open(WireFormat.OLLAMA).sendUntilHangUp("x".repeat(1 << 20)));

      RunFailure failure = f.askInVain();
      assertThat(failure.code()).isEqualTo(RunFailure.Code.MODEL_REJECTED);
      assertThat(failure).hasMessageContaining("larger");
      f.server.awaitHangUp();
    }
  }

  @ParameterizedTest
  @EnumSource
  void reply_handlerThrows_isAFailureAndHangsUp(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(
          line -> line.open(format).send(format.text("Hi")).sendUntilHangUp(format.text("again")));
      ReplyRecorder reply =
          f.ask(
              new ReplyRecorder() {
                @Override
                public void onPartialResponse(String piece) {
                  throw new IllegalStateException("secret detail");
                }
              });

      RunFailure failure = ModelErrors.describe(reply.awaitError(), ModelFixture.REF);
      assertThat(failure.code()).isEqualTo(RunFailure.Code.INTERNAL);
      assertThat(failure.getMessage()).doesNotContain("secret");
      f.server.awaitHangUp();
      assertThat(reply.endings()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void request_asSent_hasKeyModelAndStreaming(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.thenReply(format, "Hi");
      ReplyRecorder reply = new ReplyRecorder();
      f.models
          .open("local/vendor/model:7b", 0.5, 99, f.cancellation)
          .chat(ChatRequest.builder().messages(UserMessage.from("Wie geht's, 世界?")).build(), reply);
      reply.awaitResponse();

      ScriptedProvider.Request request = f.server.awaitRequest();
      JsonNode body = request.body();
      assertThat(request.method()).isEqualTo("POST");
      String version = format == WireFormat.ANTHROPIC ? "/v1" : "";
      assertThat(request.path()).isEqualTo(version + format.path());
      assertThat(
              request.headers().get(format == WireFormat.ANTHROPIC ? "x-api-key" : "authorization"))
          .isEqualTo((format == WireFormat.ANTHROPIC ? "" : "Bearer ") + ScriptedProvider.KEY);
      assertThat(request.headers()).doesNotContainKey("upgrade");
      assertThat(body.path("model").asText()).isEqualTo("vendor/model:7b");
      assertThat(body.path("stream").asBoolean()).isTrue();
      assertThat(body.toString()).contains("Wie geht's, 世界?");
      JsonNode options = format == WireFormat.OLLAMA ? body.path("options") : body;
      assertThat(options.path("temperature").asDouble()).isEqualTo(0.5);
      assertThat(options.path(format == WireFormat.OLLAMA ? "num_predict" : "max_tokens").asInt())
          .isEqualTo(99);
      assertThat(body.path("stream_options").path("include_usage").asBoolean())
          .isEqualTo(format == WireFormat.OPENAI);
    }
  }
}
