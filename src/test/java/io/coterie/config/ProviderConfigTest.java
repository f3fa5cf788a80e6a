package io.coterie.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProviderConfigTest {

  private static final String OPENAI = "https://api.openai.com/v1";
  private static final String ANTHROPIC = "https://api.anthropic.com/v1";

  @TempDir Path dir;

  private Config load(Map<String, String> environment, String... args) {
    return Config.load(args, environment, dir);
  }

  private List<String> mistakes(Map<String, String> environment, String... args) {
    ConfigException thrown =
        catchThrowableOfType(ConfigException.class, () -> load(environment, args));
    assertThat(thrown).as("mistakes").isNotNull();
    return thrown.mistakes();
  }

  private static ProviderConfig openai(String url, String key) {
    return new ProviderConfig("openai", ProviderConfig.Type.OPENAI, url, key);
  }

  private static ProviderConfig anthropic(String url, String key) {
    return new ProviderConfig("anthropic", ProviderConfig.Type.ANTHROPIC, url, key);
  }

  @Test
  void load_oneKeyInEnvironment_isEnoughForAModel() {
    Config withOpenai = load(Map.of("OPENAI_API_KEY", " sk-1\n"));
    assertThat(withOpenai.providers()).containsExactly(openai(OPENAI, "sk-1"));
    assertThat(withOpenai.model().defaultModel()).isEqualTo("openai/gpt-4.1-mini");

    Config withAnthropic = load(Map.of("ANTHROPIC_API_KEY", "sk-2", "OPENAI_API_KEY", ""));
    assertThat(withAnthropic.providers()).containsExactly(anthropic(ANTHROPIC, "sk-2"));
    assertThat(withAnthropic.model().defaultModel()).isEqualTo("anthropic/claude-sonnet-4-5");
  }

  @Test
  void load_bothKeysInEnvironment_openaiIsTheDefault() {
    Config config = load(Map.of("ANTHROPIC_API_KEY", "a", "OPENAI_API_KEY", "o"));

    assertThat(config.providers()).containsExactly(anthropic(ANTHROPIC, "a"), openai(OPENAI, "o"));
    assertThat(config.model().defaultModel()).isEqualTo("openai/gpt-4.1-mini");
  }

  @Test
  void load_keyInEnvironmentAndModelNamed_namedModelStays() {
    Config config =
        load(
            Map.of("ANTHROPIC_API_KEY", "a", "OPENAI_API_KEY", "o"),
            "--model.default=Anthropic/claude-X");

    assertThat(config.model().defaultModel()).isEqualTo("anthropic/claude-X");
  }

  @Test
  void load_baseUrlBesideKeyInEnvironment_isTheAddress() {
    Map<String, String> environment =
        Map.of("OPENAI_API_KEY", "k", "OPENAI_BASE_URL", "http://gpu:8000/v1/");
    ProviderConfig expected = openai("http://gpu:8000/v1", "k");

    assertThat(load(environment).providers()).containsExactly(expected);
    assertThat(load(environment).model().defaultModel()).isEqualTo("openai/gpt-4.1-mini");
    assertThat(load(environment, "--provider.openai.type=openai").providers())
        .containsExactly(expected);
    assertThat(load(Map.of("OPENAI_BASE_URL", "http://gpu:8000/v1/")).providers()).isEmpty();
  }

  @Test
  void load_configuredKey_winsOverTheEnvironment() {
    Config config =
        load(
            Map.of("OPENAI_API_KEY", "env", "OPENAI_BASE_URL", "http://gpu:8000"),
            "--provider.openai.type=openai",
            "--provider.openai.api-key=mine");

    assertThat(config.providers()).containsExactly(openai(OPENAI, "mine"));
    assertThat(config.model().defaultModel()).isEqualTo("openai/gpt-4.1-mini");
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://api.openai.com/v1", "https://api.openai.com/v1/", ""})
  void load_configuredWithoutKeyAtUsualAddress_takesKeyFromEnvironment(String url) {
    Config config =
        load(
            Map.of("OPENAI_API_KEY", "env"),
            "--provider.OpenAI.type=openai",
            "--provider.OPENAI.base-url=" + url);

    assertThat(config.providers()).containsExactly(openai(OPENAI, "env"));
  }

  @Test
  void load_configuredAtAnotherAddress_neverGetsTheKeyOfTheEnvironment() {
    Config config =
        load(
            Map.of("OPENAI_API_KEY", "env"),
            "--provider.openai.type=openai",
            "--provider.openai.base-url=http://elsewhere/v1");

    assertThat(config.providers()).containsExactly(openai("http://elsewhere/v1", null));
    assertThat(config.model().defaultModel()).isNull();
  }

  @Test
  void load_configuredWithAnotherType_neverGetsTheKeyOfTheEnvironment() {
    Config config = load(Map.of("OPENAI_API_KEY", "env"), "--provider.openai.type=ollama");

    assertThat(config.providers())
        .containsExactly(
            new ProviderConfig(
                "openai", ProviderConfig.Type.OLLAMA, "http://localhost:11434", null));
    assertThat(config.model().defaultModel()).isNull();
  }

  @Test
  void load_anotherTypeAtTheUsualAddress_neverGetsTheKeyOfTheEnvironment() {
    Config config =
        load(
            Map.of("OPENAI_API_KEY", "env"),
            "--provider.openai.type=ollama",
            "--provider.openai.base-url=" + OPENAI);

    assertThat(config.providers()).singleElement().matches(p -> p.apiKey() == null);
  }

  @Test
  void load_ollamaWithKey_hasNoUsualModel() {
    Config config =
        load(Map.of(), "--provider.ollama.type=ollama", "--provider.ollama.api-key=proxy");

    assertThat(config.model().defaultModel()).isNull();
  }

  @Test
  void load_nameInMixedCaseInFile_meetsItsVariablesAndArguments() throws Exception {
    Files.writeString(
        dir.resolve("config.properties"),
        "provider.MyLab.type=openai\nmodel.default=MYLAB/org/model:1\n");

    Config config =
        load(
            Map.of("COTERIE_PROVIDER_MYLAB_API_KEY", "k"),
            "--provider.mylab.base-url=https://lab.example/v1");

    assertThat(config.providers())
        .containsExactly(
            new ProviderConfig("mylab", ProviderConfig.Type.OPENAI, "https://lab.example/v1", "k"));
    assertThat(config.model().defaultModel()).isEqualTo("mylab/org/model:1");
  }

  @Test
  void load_onlyEmptyValuesForAProvider_makeNone() {
    assertThat(load(Map.of("COTERIE_PROVIDER_X_API_KEY", ""), "--provider.y.type=").providers())
        .isEmpty();
  }

  @Test
  void load_typeMissing_isOneMistakeEvenWhenTheModelNamesIt() {
    assertThat(
            mistakes(
                Map.of("COTERIE_PROVIDER_X_API_KEY", "k"),
                "--provider.y.base-url=http://y",
                "--model.default=x/m"))
        .containsExactly(
            "environment variable COTERIE_PROVIDER_X_API_KEY (provider.x.api-key): provider.x.type"
                + " is missing; expected openai, anthropic or ollama",
            "argument --provider.y.base-url: provider.y.type is missing; expected openai, anthropic"
                + " or ollama");
  }

  @Test
  void load_typeUnknown_isOneMistake() {
    assertThat(mistakes(Map.of("OPENAI_API_KEY", "k"), "--provider.openai.type=gpt"))
        .containsExactly(
            "argument --provider.openai.type: expected openai, anthropic or ollama, not 'gpt'");
  }

  @Test
  void load_modelOfUnconfiguredProvider_isAMistakeThatNamesIt() {
    String mistake = "there is no provider 'nope'; expected provider.nope.type to be set";

    assertThat(mistakes(Map.of("OPENAI_API_KEY", "k"), "--model.default=nope/m"))
        .containsExactly("argument --model.default: " + mistake);
    assertThat(mistakes(Map.of("COTERIE_MODEL_DEFAULT", "nope/m")))
        .containsExactly("environment variable COTERIE_MODEL_DEFAULT (model.default): " + mistake);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt", "/m", "openai/", "a b/c", "a-b/c", "openai/m m"})
  void load_modelNotProviderSlashModel_isAMistake(String model) {
    assertThat(mistakes(Map.of("OPENAI_API_KEY", "k"), "--model.default=" + model))
        .singleElement()
        .asString()
        .startsWith("argument --model.default: expected PROVIDER/MODEL");
  }

  @ParameterizedTest
  @CsvSource({"ftp://x", "x", "http://", "http:/x", "http://u:p@x", "http://x?y", "http://x:99999"})
  void load_baseUrlNotOfTheWeb_isAMistake(String url) {
    assertThat(mistakes(Map.of(), "--provider.x.type=openai", "--provider.x.base-url=" + url))
        .containsExactly(
            "argument --provider.x.base-url: expected an http or https URL without user, query or"
                + " fragment");
  }

  @Test
  void load_badVariablesThatAreNotUsed_doNotMatter() {
    Map<String, String> environment = new HashMap<>();
    environment.put("OPENAI_API_KEY", "not a key");
    environment.put("OPENAI_BASE_URL", "not a url");

    Config config =
        load(environment, "--provider.openai.type=openai", "--provider.openai.api-key=mine");

    assertThat(config.providers()).containsExactly(openai(OPENAI, "mine"));
    assertThat(mistakes(environment)).hasSize(2);
  }
}
