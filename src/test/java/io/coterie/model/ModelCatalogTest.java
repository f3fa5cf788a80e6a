package io.coterie.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelCatalogTest {

  private static final String KEY = "sk-something-secret";

  @Test
  void configured_withDefault_isTrue() {
    try (ModelCatalog models =
        catalog(new Provider("local", Provider.Type.OLLAMA, null, null), "local/llama3")) {
      assertThat(models.configured()).isTrue();
      assertThat(models.defaultModel()).contains("local/llama3");
    }
  }

  @Test
  void open_nothingConfigured_namesTheSettings() {
    try (ModelCatalog models = new ModelCatalog(Map.of(), null, ModelFixture.PATIENT)) {
      assertThat(models.configured()).isFalse();
      assertThat(models.defaultModel()).isEmpty();
      assertThat(refusal(models, null))
          .isEqualTo(
              "No model is configured. Set model.default=PROVIDER/MODEL and provider.PROVIDER.type,"
                  + " or just OPENAI_API_KEY or ANTHROPIC_API_KEY.");
    }
  }

  @Test
  void open_unknownProvider_namesTheSettingThatIsMissing() {
    try (ModelCatalog models =
        catalog(new Provider("local", Provider.Type.OLLAMA, null, null), null)) {
      assertThat(refusal(models, "acme/gpt")).contains("provider.acme.type");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt", "/gpt", "local/", ""})
  void open_refThatIsNone_saysTheForm(String ref) {
    try (ModelCatalog models =
        catalog(new Provider("local", Provider.Type.OLLAMA, null, null), null)) {
      assertThat(refusal(models, ref)).contains("PROVIDER/MODEL");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"OPENAI", "ANTHROPIC"})
  void open_serviceThatWantsAKeyWithoutOne_namesTheSetting(Provider.Type type) {
    try (ModelCatalog models = catalog(new Provider("acme", type, null, " "), null)) {
      assertThat(refusal(models, "acme/m")).contains("provider.acme.api-key");
    }
  }

  @ParameterizedTest
  @EnumSource
  void open_keyThatNoHeaderCanCarry_isRefusedWithoutShowingIt(Provider.Type type) {
    try (ModelCatalog models = catalog(new Provider("acme", type, null, KEY + "\n" + KEY), null)) {
      assertThat(refusal(models, "acme/m")).contains("provider.acme.api-key").doesNotContain(KEY);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:11434", "ftp://host/", "http://", "http://a b/", "/v1"})
  void open_addressThatIsNone_namesTheSetting(String baseUrl) {
    try (ModelCatalog models =
        catalog(new Provider("acme", Provider.Type.OPENAI, baseUrl, KEY), null)) {
      assertThat(refusal(models, "acme/m")).contains("provider.acme.base-url").doesNotContain(KEY);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "OPENAI,https://api.openai.com/v1",
    "ANTHROPIC,https://api.anthropic.com/v1",
    "OLLAMA,http://localhost:11434"
  })
  void provider_withoutAddress_leadsToTheService(Provider.Type type, String baseUrl) {
    Provider provider = new Provider("acme", type, " ", " " + KEY + "\n");
    assertThat(provider.baseUrl()).isEqualTo(baseUrl);
    assertThat(provider.apiKey()).isEqualTo(KEY);
    assertThat(provider.toString()).contains("acme").doesNotContain(KEY);
  }

  @ParameterizedTest
  @EnumSource
  void open_manyTimes_startsNoThreads(Provider.Type type) {
    try (ModelCatalog models = catalog(new Provider("acme", type, null, KEY), "acme/m")) {
      Set<Thread> before = Thread.getAllStackTraces().keySet();
      for (int i = 0; i < 1000; i++) {
        int run = i;
        assertThatCode(() -> models.open(null, 0.1, run + 1, new Cancellation()))
            .doesNotThrowAnyException();
      }
      assertThat(
              Thread.getAllStackTraces().keySet().stream()
                  .filter(thread -> !before.contains(thread))
                  .map(Thread::getName)
                  .filter(name -> name.startsWith("model-") || name.contains("HttpClient"))
                  .collect(Collectors.toList()))
          .isEmpty();
    }
  }

  @Test
  void open_anthropicWithoutLimit_asksForAGenerousOne() {
    try (ModelFixture f = new ModelFixture(WireFormat.ANTHROPIC)) {
      f.server.thenReply(WireFormat.ANTHROPIC, "Hi");
      f.ask().awaitResponse();
      assertThat(f.server.awaitRequest().body().path("max_tokens").asInt()).isEqualTo(8192);
    }
  }

  @Test
  void open_localServerWithoutKey_sendsNone() {
    try (ScriptedProvider server = ScriptedProvider.start();
        ModelCatalog models =
            catalog(
                new Provider("local", Provider.Type.OPENAI, server.baseUrl() + "/v1/", null),
                "local/m")) {
      server.thenReply(WireFormat.OPENAI, "Hi");
      ReplyRecorder reply = new ReplyRecorder();
      models.open(null, null, null, new Cancellation()).chat(ModelFixture.question(), reply);
      reply.awaitResponse();
      ScriptedProvider.Request request = server.awaitRequest();
      assertThat(request.path()).isEqualTo("/v1/chat/completions");
      assertThat(request.headers()).doesNotContainKey("authorization");
      assertThat(request.body().has("temperature")).isFalse();
      assertThat(request.body().has("max_tokens")).isFalse();
    }
  }

  private static ModelCatalog catalog(Provider provider, String defaultModel) {
    return new ModelCatalog(Map.of(provider.name(), provider), defaultModel, ModelFixture.PATIENT);
  }

  private static String refusal(ModelCatalog models, String ref) {
    RunFailure failure =
        catchThrowableOfType(
            RunFailure.class, () -> models.open(ref, null, null, new Cancellation()));
    assertThat(failure.code()).isEqualTo(RunFailure.Code.MODEL_NOT_CONFIGURED);
    return failure.getMessage();
  }

  @Test
  void provider_anthropicAddress_withoutAPathGetsTheUsualOne() {
    for (String url : new String[] {"https://api.anthropic.com", "https://api.anthropic.com/"}) {
      assertThat(new Provider("a", Provider.Type.ANTHROPIC, url, KEY).baseUrl())
          .isEqualTo("https://api.anthropic.com/v1");
    }
    assertThat(new Provider("a", Provider.Type.ANTHROPIC, "http://proxy/claude", KEY).baseUrl())
        .isEqualTo("http://proxy/claude");
    assertThat(new Provider("o", Provider.Type.OPENAI, "http://proxy", KEY).baseUrl())
        .isEqualTo("http://proxy");
  }
}
