package io.coterie.model;

import static io.coterie.model.RunFailure.Code.INTERNAL;
import static io.coterie.model.RunFailure.Code.MODEL_AUTH;
import static io.coterie.model.RunFailure.Code.MODEL_RATE_LIMITED;
import static io.coterie.model.RunFailure.Code.MODEL_REJECTED;
import static io.coterie.model.RunFailure.Code.MODEL_TIMEOUT;
import static io.coterie.model.RunFailure.Code.MODEL_UNAVAILABLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ToolChoice;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ModelErrorsTest {

  static Stream<Arguments> statuses() {
    return Stream.of(WireFormat.values())
        .flatMap(
            format ->
                Stream.of(
                    Arguments.of(format, 401, "invalid_api_key", "No.", MODEL_AUTH, "api-key"),
                    Arguments.of(format, 403, "permission_error", "No.", MODEL_AUTH, "api-key"),
                    Arguments.of(format, 402, "x", "No.", MODEL_RATE_LIMITED, "used up"),
                    Arguments.of(format, 408, "x", "No.", MODEL_TIMEOUT, "waiting"),
                    Arguments.of(format, 429, "rate", "Slow.", MODEL_RATE_LIMITED, "rate"),
                    Arguments.of(format, 400, "x", "Bad value.", MODEL_REJECTED, "Bad value."),
                    Arguments.of(format, 422, "x", "Bad value.", MODEL_REJECTED, "Bad value."),
                    Arguments.of(
                        format,
                        404,
                        "x",
                        "model 'm' not found",
                        MODEL_REJECTED,
                        "not know the model m"),
                    Arguments.of(format, 404, "x", "Nothing", MODEL_REJECTED, "local.base-url"),
                    Arguments.of(format, 413, "x", "Big", MODEL_REJECTED, "too long"),
                    Arguments.of(
                        format, 400, "x", "prompt is too long: 9 > 8", MODEL_REJECTED, "too long"),
                    Arguments.of(format, 302, "x", "", MODEL_REJECTED, "local.base-url"),
                    Arguments.of(format, 500, "api_error", "Oops", MODEL_UNAVAILABLE, "later"),
                    Arguments.of(format, 503, "x", "Oops", MODEL_UNAVAILABLE, "later"),
                    Arguments.of(
                        format,
                        529,
                        "overloaded_error",
                        "Overloaded",
                        MODEL_UNAVAILABLE,
                        "overloaded")));
  }

  @ParameterizedTest
  @MethodSource("statuses")
  void status_fromTheServer_isDescribed(
      WireFormat format,
      int status,
      String type,
      String message,
      RunFailure.Code code,
      String words) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.thenStatus(status, format.errorBody(type, message));

      RunFailure failure = f.askInVain();

      assertThat(failure.code()).isEqualTo(code);
      assertThat(failure).hasMessageContaining(words);
      assertThat(f.server.requests()).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void status_basicAuthenticationAskedFor_isARefusedKey(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(
          line -> line.answer(401, "text/plain", "", "WWW-Authenticate: Basic realm=\"x\""));

      assertThat(f.askInVain().code()).isEqualTo(MODEL_AUTH);
    }
  }

  @Test
  void status_quotaUsedUp_isToldFromTheRate() {
    try (ModelFixture f = new ModelFixture(WireFormat.OPENAI)) {
      f.server.thenStatus(429, WireFormat.OPENAI.errorBody("insufficient_quota", "Pay."));
      f.server.thenStatus(429, WireFormat.OPENAI.errorBody("rate_limit_exceeded", "Slow."));

      RunFailure quota = f.askInVain();
      RunFailure rate = f.askInVain();

      assertThat(quota.code()).isEqualTo(MODEL_RATE_LIMITED);
      assertThat(rate.code()).isEqualTo(MODEL_RATE_LIMITED);
      assertThat(quota).hasMessageContaining("quota");
      assertThat(rate.getMessage()).doesNotContain("quota");
    }
  }

  static Stream<Arguments> reports() {
    return Stream.of(
        Arguments.of(WireFormat.ANTHROPIC, "rate_limit_error", MODEL_RATE_LIMITED),
        Arguments.of(WireFormat.ANTHROPIC, "api_error", MODEL_UNAVAILABLE),
        Arguments.of(WireFormat.ANTHROPIC, "overloaded_error", MODEL_UNAVAILABLE),
        Arguments.of(WireFormat.ANTHROPIC, "invalid_request_error", MODEL_REJECTED),
        Arguments.of(WireFormat.ANTHROPIC, "authentication_error", MODEL_AUTH),
        Arguments.of(WireFormat.ANTHROPIC, "timeout_error", MODEL_TIMEOUT),
        Arguments.of(WireFormat.OPENAI, "server_error", MODEL_UNAVAILABLE),
        Arguments.of(WireFormat.OPENAI, "insufficient_quota", MODEL_RATE_LIMITED),
        Arguments.of(WireFormat.OPENAI, "429", MODEL_RATE_LIMITED),
        Arguments.of(WireFormat.OPENAI, "502", MODEL_UNAVAILABLE),
        Arguments.of(WireFormat.OPENAI, "context_length_exceeded", MODEL_REJECTED),
        Arguments.of(WireFormat.OLLAMA, "", MODEL_UNAVAILABLE));
  }

  @ParameterizedTest
  @MethodSource("reports")
  void report_inTheStream_isDescribed(WireFormat format, String type, RunFailure.Code code) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(line -> line.open(format).send(format.error(type, "Sorry.")).end());

      assertThat(f.askInVain().code()).isEqualTo(code);
    }
  }

  @ParameterizedTest
  @EnumSource
  void message_ofTheProvider_isOneShortLineWithoutTheKey(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      String said =
          "Bad\r\nvalue " + ScriptedProvider.KEY + " sk-abcdefgh12345678 \u0007" + "🌍".repeat(400);
      f.server.thenStatus(400, format.errorBody("x", said));

      RunFailure failure = f.askInVain();

      assertThat(failure.getMessage())
          .contains("Bad value [key] [key]")
          .endsWith("…")
          .doesNotContain("\n", "\u0007")
          .hasSizeLessThan(400);
      assertThat(
              failure
                  .getMessage()
                  .codePoints()
                  .noneMatch(c -> Character.getType(c) == Character.SURROGATE))
          .isTrue();
      assertNoKey(failure);
    }
  }

  @ParameterizedTest
  @EnumSource
  void message_quotingTheKey_showsItNowhere(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      String said = "Incorrect API key provided: " + ScriptedProvider.KEY;
      for (int status : new int[] {400, 401, 403, 404, 413, 429, 500, 529}) {
        f.server.thenStatus(status, format.errorBody("permission_error", said));
        assertNoKey(f.askInVain());
      }
      f.server.then(line -> line.open(format).send(format.error("x", said)).end());
      assertNoKey(f.askInVain());
      f.server.then(line -> line.open(format).send("data: " + said + "\n\n").end());
      assertNoKey(f.askInVain());
    }
  }

  private static void assertNoKey(RunFailure failure) {
    StringWriter all = new StringWriter();
    failure.printStackTrace(new PrintWriter(all));
    assertThat(all.toString()).contains("RunFailure").doesNotContain(ScriptedProvider.KEY);
  }

  @Test
  void body_ofMarkup_isNotShown() {
    try (ModelFixture f = new ModelFixture(WireFormat.OPENAI)) {
      f.server.then(line -> line.answer(400, "text/html", "<html><h1>Bad gateway</h1></html>"));

      assertThat(f.askInVain()).hasMessage("The model provider rejected the request (HTTP 400).");
    }
  }

  @ParameterizedTest
  @EnumSource
  void body_ofAnErrorWithoutEnd_isCutOff(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(line -> line.head(500, 1 << 30).sendRawUntilHangUp("x".repeat(8192)));

      assertThat(f.askInVain().code()).isEqualTo(MODEL_UNAVAILABLE);
      f.server.awaitHangUp();
    }
  }

  @ParameterizedTest
  @EnumSource
  void connection_refused_isDescribed(WireFormat format) throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    assertThat(failureAt(format, "http://127.0.0.1:" + port))
        .hasMessage("The model provider cannot be reached.")
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(MODEL_UNAVAILABLE));
  }

  @ParameterizedTest
  @EnumSource
  void connection_unknownHost_isDescribed(WireFormat format) {
    // Reserved by RFC 6761: no resolver may know it.
    assertThat(failureAt(format, "http://nowhere.invalid"))
        .hasMessage("The model provider cannot be reached.")
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(MODEL_UNAVAILABLE));
  }

  @ParameterizedTest
  @EnumSource
  void connection_notSecure_isDescribed(WireFormat format) {
    try (ScriptedProvider server = ScriptedProvider.start()) {
      assertThat(failureAt(format, server.baseUrl().replace("http:", "https:")).code())
          .isEqualTo(MODEL_UNAVAILABLE);
    }
  }

  private static RunFailure failureAt(WireFormat format, String baseUrl) {
    Provider provider = new Provider("local", format.type(), baseUrl, "key");
    try (ModelCatalog models =
        new ModelCatalog(Map.of("local", provider), "local/m", ModelFixture.PATIENT)) {
      ReplyRecorder reply = new ReplyRecorder();
      models.open(null, null, null, new Cancellation()).chat(ModelFixture.question(), reply);
      return ModelErrors.describe(reply.awaitError(), "local/m");
    }
  }

  @Test
  void request_thatLangChain4jRefuses_reachesTheHandler() {
    try (ModelFixture f = new ModelFixture(WireFormat.OLLAMA)) {
      ReplyRecorder reply = new ReplyRecorder();
      f.models
          .open(null, null, null, f.cancellation)
          .chat(
              ChatRequest.builder()
                  .messages(UserMessage.from("Hello?"))
                  .toolChoice(ToolChoice.REQUIRED)
                  .build(),
              reply);

      assertThat(reply.endings()).isEqualTo(1);
      RunFailure failure = ModelErrors.describe(reply.awaitError(), ModelFixture.REF);
      assertThat(failure.code()).isEqualTo(INTERNAL);
      assertThat(f.server.connections()).isZero();
    }
  }

  @Test
  void describe_whatIsDescribedAlready_keepsIt() {
    RunFailure failure = new RunFailure(MODEL_AUTH, "No.");
    assertThat(ModelErrors.describe(new CompletionException(failure), null)).isSameAs(failure);
  }

  @Test
  void describe_anythingElse_saysNothingOfIt() {
    RunFailure failure = ModelErrors.describe(new IllegalStateException("/etc/passwd"), "local/m");
    assertThat(failure.code()).isEqualTo(INTERNAL);
    assertThat(failure.getMessage()).doesNotContain("passwd", "Exception");
  }

  @Test
  void isCancelled_onlyForCancelling() {
    assertThat(ModelErrors.isCancelled(new CompletionException(new CancellationException())))
        .isTrue();
    assertThat(ModelErrors.isCancelled(new IOException())).isFalse();
    assertThat(ModelErrors.isCancelled(null)).isFalse();
  }
}
