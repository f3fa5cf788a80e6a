package io.coterie.model;

import static io.coterie.model.RunFailure.Remedy.NONE;
import static io.coterie.model.RunFailure.Remedy.SHORTEN;
import static io.coterie.model.RunFailure.Remedy.WAIT;
import static io.coterie.model.RunFailure.Remedy.WITHOUT_TOOLS;
import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.model.RunFailure.Remedy;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class RemedyTest {

  @ParameterizedTest
  @CsvSource({
    "400,NONE",
    "401,NONE",
    "402,NONE",
    "403,NONE",
    "404,NONE",
    "408,NONE",
    "413,SHORTEN",
    "422,NONE",
    "429,WAIT",
    "500,WAIT",
    "501,NONE",
    "502,WAIT",
    "503,WAIT",
    "504,WAIT",
    "529,WAIT"
  })
  void remedy_ofAStatus_isTheSameForAllProviders(int status, Remedy remedy) {
    for (WireFormat format : WireFormat.values()) {
      try (ModelFixture f = new ModelFixture(format)) {
        f.server.thenStatus(status, format.errorBody("x", "No."));

        assertThat(f.askInVain().remedy()).as(format.name()).isEqualTo(remedy);
        assertThat(f.server.requests()).hasSize(1);
      }
    }
  }

  /** As the providers word it. */
  static Stream<Arguments> texts() {
    return Stream.of(
        // Used up, which waiting does not help.
        openAi(
            NONE,
            429,
            "insufficient_quota",
            "You exceeded your current quota, please check your plan and billing details."),
        openAi(NONE, 403, "insufficient_quota", "No."),
        anthropic(
            NONE,
            400,
            "invalid_request_error",
            "Your credit balance is too low to access the Anthropic API. Please go to Plans &"
                + " Billing to upgrade or purchase credits."),
        anthropic(
            NONE,
            400,
            "invalid_request_error",
            "You have reached your specified API usage limits. You will regain access on"
                + " 2026-01-01 at 00:00 UTC."),
        anthropic(NONE, 402, "billing_error", "No."),
        ollama(
            NONE,
            429,
            "you (sam) have reached your weekly usage limit, upgrade for higher limits:"
                + " https://ollama.com/upgrade"),
        ollama(
            NONE,
            429,
            "you've reached your hourly usage limit, please wait or upgrade to continue"),
        // A passing limit that calls itself a quota.
        openAi(
            WAIT,
            429,
            "429",
            "You exceeded your current quota, please check your plan and billing details. Please"
                + " retry in 20.5s."),
        openAi(WAIT, 429, "rate_limit_exceeded", "Rate limit reached for m. Try again in 1.2s."),
        anthropic(WAIT, 429, "rate_limit_error", "This request would exceed the rate limit."),
        ollama(WAIT, 503, "server busy, please try again.  maximum pending requests exceeded"),
        // Too long, in every wording.
        openAi(
            SHORTEN,
            400,
            "context_length_exceeded",
            "This model's maximum context length is 8192 tokens. However, your messages resulted"
                + " in 8545 tokens. Please reduce the length of the messages."),
        openAi(SHORTEN, 400, "x", "Your input exceeds the context window of this model."),
        openAi(SHORTEN, 400, "x", "This model's maximum prompt length is 131072 but there is more"),
        openAi(SHORTEN, 400, "x", "Please reduce the length of the messages or completion."),
        openAi(
            SHORTEN,
            400,
            "exceed_context_size_error",
            "the request exceeds the available context size. try increasing the context size"),
        openAi(
            SHORTEN,
            400,
            "400",
            "The input token count (1196265) exceeds the maximum number of tokens allowed."),
        openAi(
            SHORTEN,
            429,
            "rate_limit_exceeded",
            "Request too large for m on tokens per min (TPM): Limit 30000, Requested 41000."),
        openAi(SHORTEN, 500, "server_error", "The prompt exceeds the context length"),
        anthropic(
            SHORTEN,
            400,
            "invalid_request_error",
            "prompt is too long: 213462 tokens > 200000 maximum"),
        anthropic(
            SHORTEN,
            400,
            "invalid_request_error",
            "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"),
        anthropic(SHORTEN, 413, "request_too_large", "Request exceeds the maximum size"),
        ollama(SHORTEN, 400, "prompt too long; exceeded max context length by 4 tokens"),
        // What only a person can mend.
        openAi(NONE, 401, "invalid_api_key", "Incorrect API key provided."),
        openAi(NONE, 404, "model_not_found", "The model `m` does not exist"),
        anthropic(NONE, 404, "not_found_error", "model: m"),
        ollama(NONE, 404, "model \"m\" not found, try pulling it first"),
        ollama(WITHOUT_TOOLS, 400, "registry.ollama.ai/library/m:latest does not support tools"),
        openAi(WITHOUT_TOOLS, 404, "", "No endpoints found that support tool use."),
        openAi(WITHOUT_TOOLS, 500, "", "tools param requires --jinja flag"),
        openAi(WITHOUT_TOOLS, 400, "", "`tool calling` is not supported with this model"),
        openAi(NONE, 400, "", "Invalid schema for function 'x': None is not of type 'array'."));
  }

  private static Arguments openAi(Remedy remedy, int status, String type, String message) {
    return Arguments.of(WireFormat.OPENAI, remedy, status, type, message);
  }

  private static Arguments anthropic(Remedy remedy, int status, String type, String message) {
    return Arguments.of(WireFormat.ANTHROPIC, remedy, status, type, message);
  }

  private static Arguments ollama(Remedy remedy, int status, String message) {
    return Arguments.of(WireFormat.OLLAMA, remedy, status, "", message);
  }

  @ParameterizedTest
  @MethodSource("texts")
  void remedy_ofWhatTheProviderSays_followsItsWords(
      WireFormat format, Remedy remedy, int status, String type, String message) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.thenStatus(status, format.errorBody(type, message));

      RunFailure failure = f.askInVain();

      assertThat(failure.remedy()).as(failure.getMessage()).isEqualTo(remedy);
      if (remedy == SHORTEN) {
        assertThat(failure).hasMessageContaining("too long for the model m");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ANTHROPIC,overloaded_error,WAIT",
    "ANTHROPIC,rate_limit_error,WAIT",
    "ANTHROPIC,api_error,WAIT",
    "ANTHROPIC,invalid_request_error,NONE",
    "ANTHROPIC,authentication_error,NONE",
    "ANTHROPIC,timeout_error,NONE",
    "ANTHROPIC,billing_error,NONE",
    "OPENAI,server_error,WAIT",
    "OPENAI,429,WAIT",
    "OPENAI,503,WAIT",
    "OPENAI,insufficient_quota,NONE",
    "OPENAI,context_length_exceeded,SHORTEN",
    "OLLAMA,'',WAIT"
  })
  void remedy_ofAReportInTheStream_followsItsName(WireFormat format, String type, Remedy remedy) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(line -> line.open(format).send(format.error(type, "Sorry.")).end());

      assertThat(f.askInVain().remedy()).isEqualTo(remedy);
    }
  }

  @ParameterizedTest
  @EnumSource
  void remedy_ofAnAnswerThatBrokeOff_isToWait(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(line -> line.open(format).send(format.text("Half")).end());
      assertThat(f.askInVain().remedy()).isEqualTo(WAIT);
      f.server.then(line -> line.open(format).send(format.text("Half")).cut());
      assertThat(f.askInVain().remedy()).isEqualTo(WAIT);
      f.server.then(ScriptedProvider.Line::cut);
      assertThat(f.askInVain().remedy()).isEqualTo(WAIT);
      assertThat(f.server.requests()).as("none is sent twice").hasSize(3);
    }
  }

  @ParameterizedTest
  @EnumSource
  void remedy_ofWhatIsNoAnswer_isNone(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(line -> line.sendRaw("SSH-2.0-OpenSSH_9.2\r\n\r\n").cut());
      RunFailure failure = f.askInVain();
      assertThat(failure.remedy()).isEqualTo(NONE);
      assertThat(failure).hasMessageContaining("not in the form");
      f.server.then(line -> line.open(format).send("data: <p>\n\n").end());
      assertThat(f.askInVain().remedy()).isEqualTo(NONE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void remedy_ofATimeout_isNone(WireFormat format) {
    Duration patience = Duration.ofSeconds(ScriptedProvider.PATIENCE_SECONDS);
    ModelTimeouts timeouts = new ModelTimeouts(patience, Duration.ofMillis(50), patience);
    try (ModelFixture f = new ModelFixture(format, timeouts)) {
      f.server.then(ScriptedProvider.Line::awaitHangUp);

      assertThat(f.askInVain().remedy()).isEqualTo(NONE);
    }
  }

  @Test
  void remedy_ofAnAddressWhereNobodyListens_isNone() throws IOException {
    String address;
    try (ServerSocket socket = new ServerSocket(0)) {
      address = "http://127.0.0.1:" + socket.getLocalPort();
    }
    Provider provider = new Provider("local", Provider.Type.OPENAI, address, "key");
    try (ModelCatalog models =
        new ModelCatalog(Map.of("local", provider), "local/m", ModelFixture.PATIENT)) {
      ReplyRecorder reply = new ReplyRecorder();
      models.open(null, null, null, new Cancellation()).chat(ModelFixture.question(), reply);

      assertThat(ModelErrors.describe(reply.awaitError(), "local/m").remedy()).isEqualTo(NONE);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "429,Retry-After: 7,WAIT,7000",
    "503,Retry-After: 60,WAIT,60000",
    "529,retry-after-ms: 250,WAIT,250",
    "429,Retry-After: 61,NONE,61000",
    "429,Retry-After: 999999,NONE,86400000",
    "500,x-should-retry: false,NONE,",
    "400,Retry-After: 7,NONE,7000",
    "429,Retry-After: soon,WAIT,"
  })
  void retryAfter_inTheAnswer_isTold(int status, String header, Remedy remedy, Long millis) {
    for (WireFormat format : WireFormat.values()) {
      try (ModelFixture f = new ModelFixture(format)) {
        f.server.then(
            line -> line.answer(status, "application/json", format.errorBody("x", "No."), header));

        RunFailure failure = f.askInVain();

        assertThat(failure.remedy()).isEqualTo(remedy);
        assertThat(failure.retryAfter().map(Duration::toMillis).orElse(null)).isEqualTo(millis);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"61,2 minutes", "3600,60 minutes", "7200,2 hours", "999999,24 hours"})
  void message_whereTheProviderAsksForMoreThanAMoment_saysHowLong(long seconds, String words) {
    try (ModelFixture f = new ModelFixture(WireFormat.OPENAI)) {
      f.server.then(line -> line.answer(429, "application/json", "{}", "Retry-After: " + seconds));

      assertThat(f.askInVain())
          .hasMessage(
              "The model provider limits the rate of requests; it asks to wait " + words + ".");
    }
  }

  @Test
  void remedy_ofAFailureMadeFromWordsAlone_isNone() {
    RunFailure failure = new RunFailure(RunFailure.Code.AGENT_FAILED, "No.");
    assertThat(failure.remedy()).isEqualTo(NONE);
    assertThat(failure.retryAfter()).isEmpty();
  }
}
