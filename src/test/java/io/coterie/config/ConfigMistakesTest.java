package io.coterie.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigMistakesTest {

  @TempDir Path dir;

  private List<String> mistakes(Map<String, String> environment, String... args) {
    ConfigException thrown =
        catchThrowableOfType(ConfigException.class, () -> Config.load(args, environment, dir));
    assertThat(thrown).as("mistakes").isNotNull();
    assertThat(thrown.mistakes()).isNotEmpty().allMatch(line -> !line.matches("(?s).*\\R.*"));
    return thrown.mistakes();
  }

  private void file(String text) throws IOException {
    Files.writeString(dir.resolve("config.properties"), text);
  }

  @Test
  void load_mistakesInAllSources_namesEachWithPlaceKeyAndExpectation() throws IOException {
    file("server.port=70000\nserver.prot=1\nauth.registration=maybe\n");

    List<String> lines =
        mistakes(
            Map.of("COTERIE_AUTH_TOKEN_TTL", "soon", "COTERIE_DATABASE_SINC", "true"),
            "--agents.max-depth=21",
            "--agents.max-dept=2",
            "stray");

    assertThat(lines)
        .containsExactlyInAnyOrder(
            "config.properties: server.port: expected a number from 0 to 65535, not '70000'",
            "config.properties: auth.registration: expected open or closed, not 'maybe'",
            "config.properties: server.prot: unknown; did you mean server.port?",
            "environment variable COTERIE_AUTH_TOKEN_TTL (auth.token.ttl): expected a duration above"
                + " 0 such as 500ms, 90s, 5m, 12h or 7d, at most 36500d, not 'soon'",
            "environment variable COTERIE_DATABASE_SINC: unknown; did you mean"
                + " COTERIE_DATABASE_SYNC?",
            "argument --agents.max-depth: expected a number from 1 to 20, not '21'",
            "argument --agents.max-dept: unknown; did you mean --agents.max-depth?",
            "argument 3: expected --KEY=VALUE, in one word");
  }

  @Test
  void load_badValueThatALaterOneOverrides_isStillAMistake() throws IOException {
    file("server.port=none\n");

    assertThat(mistakes(Map.of(), "--server.port=1"))
        .containsExactly(
            "config.properties: server.port: expected a number from 0 to 65535, not 'none'");
  }

  @Test
  void load_keyGivenTwice_namesEachSource() throws IOException {
    file("server.port=1\nserver.port=2\nprovider.A.type=openai\nprovider.a.type=ollama\n");

    List<String> lines =
        mistakes(
            Map.of("COTERIE_PROVIDER_b_TYPE", "openai", "COTERIE_PROVIDER_B_TYPE", "openai"),
            "--server.host=a",
            "--server.host=a");

    assertThat(lines)
        .containsExactlyInAnyOrder(
            "config.properties: server.port: given twice; expected once",
            "config.properties: provider.a.type: given twice; expected once",
            "environment variable COTERIE_PROVIDER_B_TYPE: given twice; expected once",
            "argument --server.host: given twice; expected once");
  }

  @ParameterizedTest
  @CsvSource({
    "server.prot, server.port",
    "serverport, server.port",
    "Server.Port, server.port",
    "port, server.port",
    "server_max_body_size, server.max-body-size",
    "server.maxBodySize, server.max-body-size",
    "auth.jwt.secrets, auth.jwt.secret",
    "provider.x.apikey, provider.x.api-key",
    "provider.x.baseurl, provider.x.base-url"
  })
  void load_misspelledKey_suggestsTheRightOne(String written, String meant) {
    assertThat(mistakes(Map.of(), "--" + written + "=1"))
        .containsExactly("argument --" + written + ": unknown; did you mean --" + meant + "?");
  }

  @Test
  void load_keyLikeNoOther_pointsToHelp() {
    assertThat(mistakes(Map.of(), "--colour=red"))
        .containsExactly("argument --colour: unknown; --help lists them all");
    assertThat(mistakes(Map.of("COTERIE_OPTS", "-Xmx1g")))
        .containsExactly("environment variable COTERIE_OPTS: unknown; --help lists them all");
    assertThat(mistakes(Map.of("COTERIE_PORT", "8080")))
        .containsExactly(
            "environment variable COTERIE_PORT: unknown; did you mean COTERIE_SERVER_PORT?");
  }

  @Test
  void load_providerNameWithDash_saysWhatANameIs() {
    assertThat(mistakes(Map.of(), "--provider.my-own-model.type=openai"))
        .containsExactly(
            "argument --provider.my-own-model.type: unknown; expected provider.NAME.type, .base-url"
                + " or .api-key, NAME in letters and digits");
  }

  @Test
  void load_keyWithLineBreaksAndControls_staysOnOneShortLine() throws IOException {
    file("bad\\n\\u001b[31mkey" + "x".repeat(500) + "=1\n");

    assertThat(mistakes(Map.of()))
        .singleElement()
        .asString()
        .isEqualTo("config.properties: bad...: unknown; --help lists them all");
  }

  @ParameterizedTest
  @ValueSource(strings = {"server.port=1", "-server.port=1", "--=1", "--", "-x", "", "=1"})
  void load_malformedArgument_namesItsPlaceOnly(String argument) {
    assertThat(mistakes(Map.of(), "--server.port=1", argument))
        .containsExactly("argument 2: expected --KEY=VALUE, in one word");
  }

  @Test
  void load_keyAndValueAsTwoWords_showsTheFormButNoValue() {
    assertThat(mistakes(Map.of(), "--auth.jwt.secret", "hunter2", "--config", "x.properties"))
        .containsExactly(
            "argument 1: expected --auth.jwt.secret=VALUE, in one word",
            "argument 2: expected --KEY=VALUE, in one word",
            "argument 3: expected --config=VALUE, in one word",
            "argument 4: expected --KEY=VALUE, in one word");
  }

  @Test
  void load_badSecrets_areNeverShown() throws IOException {
    file("auth.jwt.secret=hunter2\nprovider.a.type=openai\nprovider.a.api-key=hunter2 x\n");

    List<String> lines =
        mistakes(
            Map.of(
                "OPENAI_API_KEY", "hunter2 y",
                "OPENAI_BASE_URL", "hunter2",
                "ANTHROPIC_API_KEY", "hunter2\u00e9",
                "COTERIE_PROVIDER_B_API_KEY", "hunter2\u0007"),
            "--database.url=jdbc:postgres:x?password=hunter2",
            "--provider.c.base-url=https://me:hunter2@host",
            "--registry.urls=https://me:hunter2@host",
            "--server.cors-origins=https://me:hunter2@host",
            "--provider.d.apikey=hunter2",
            "--auth.jwt.secret:hunter2==",
            "hunter2",
            "--hunter2");

    assertThat(lines).hasSize(16);
    assertThat(String.join("\n", lines)).doesNotContain("hunter2");
    assertThat(lines)
        .contains(
            "argument --auth.jwt.secret...: unknown; did you mean --auth.jwt.secret?",
            "config.properties: auth.jwt.secret: expected at least 32 characters",
            "environment variable OPENAI_API_KEY: expected a key of visible ASCII characters without"
                + " blanks");
  }

  @Test
  void load_namedFileMissing_isAMistake() {
    assertThat(mistakes(Map.of(), "--config=gone.properties"))
        .containsExactly("argument --config: gone.properties: no file that can be read");
  }

  @Test
  void load_usualFileIsAFolder_isAMistake() throws IOException {
    Files.createDirectory(dir.resolve("config.properties"));

    assertThat(mistakes(Map.of())).containsExactly("config.properties: no file that can be read");
  }

  @Test
  void load_fileNotInUtf8_isAMistake() throws IOException {
    Files.write(
        dir.resolve("config.properties"), "data.dir=Büro".getBytes(StandardCharsets.ISO_8859_1));

    assertThat(mistakes(Map.of())).containsExactly("config.properties: expected text in UTF-8");
  }

  @Test
  void load_fileWithBadEscape_isAMistake() throws IOException {
    file("data.dir=C:\\users\n");

    assertThat(mistakes(Map.of()))
        .containsExactly(
            "config.properties: expected four hexadecimal digits after each \\u; a backslash is"
                + " written \\\\");
  }

  @Test
  void load_configKeyWithinAFileOrVariable_isUnknown() throws IOException {
    file("config=other\n");

    assertThat(mistakes(Map.of("COTERIE_CONFIG", "x")))
        .hasSize(2)
        .allMatch(line -> line.contains("unknown"));
  }
}
