package io.coterie.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kind of value: what is read, and what is refused. */
class ConfigValuesTest {

  @TempDir Path dir;

  private Config load(String key, String value) {
    return Config.load(new String[] {"--" + key + "=" + value}, Map.of(), dir);
  }

  private void assertRefused(String key, String value, String expectation) {
    ConfigException thrown = catchThrowableOfType(ConfigException.class, () -> load(key, value));
    assertThat(thrown).as("%s=%s", key, value).isNotNull();
    assertThat(thrown.mistakes())
        .singleElement()
        .asString()
        .startsWith("argument --" + key + ": expected " + expectation);
  }

  @ParameterizedTest
  @CsvSource({
    "500ms, PT0.5S",
    "90s, PT90S",
    "90, PT90S",
    "5m, PT5M",
    "5 M, PT5M",
    "12h, PT12H",
    "7d, P7D",
    "36500d, P36500D"
  })
  void duration_wellFormed_isRead(String written, Duration duration) {
    assertThat(load("auth.token.ttl", written).auth().tokenTtl()).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0", "0s", "-5s", "1.5h", "5x", "s", "5m30s", "36501d", "99999999999999d", "٣s"})
  void duration_malformedOrOutOfRange_isRefused(String written) {
    assertRefused("auth.token.ttl", written, "a duration above 0 such as 500ms");
  }

  @ParameterizedTest
  @CsvSource({
    "1024, 1024",
    "1024B, 1024",
    "1KB, 1024",
    "1 kb, 1024",
    "3MB, 3145728",
    "1GB, 1073741824",
    "1073741824, 1073741824"
  })
  void size_wellFormed_isReadInBytes(String written, long bytes) {
    assertThat(load("server.max-body-size", written).server().maxBodySize()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1023", "2GB", "9999999999GB", "-1MB", "1.5MB", "1TB", "MB", "1M"})
  void size_malformedOrOutOfRange_isRefused(String written) {
    assertRefused("server.max-body-size", written, "a size from 1KB to 1GB");
  }

  @ParameterizedTest
  @CsvSource({
    "server.port, 0, 65535",
    "auth.password.min-length, 1, 72",
    "agents.max-concurrent-runs, 1, 1000",
    "agents.max-concurrent-runs-per-user, 1, 1000",
    "agents.max-queued-runs, 0, 100000",
    "agents.max-queued-runs-per-user, 0, 100000",
    "agents.max-depth, 1, 20",
    "agents.max-steps, 1, 1000",
    "quota.user.tokens-per-day, 0, 2000000000",
    "quota.user.requests-per-minute, 0, 1000000",
    "agents.max-tokens, 1, 1000000000",
    "agents.max-history-size, 1000, 10000000"
  })
  void number_atAndBeyondItsBounds_isReadOrRefused(String key, int least, int most) {
    load(key, "" + least);
    load(key, "" + most);
    String expectation = "a number from " + least + " to " + most;
    assertRefused(key, "" + (least - 1), expectation);
    assertRefused(key, "" + (most + 1), expectation);
    assertRefused(key, "4294967297", expectation);
    assertRefused(key, "99999999999999999999", expectation);
    assertRefused(key, "1e3", expectation);
  }

  @ParameterizedTest
  @CsvSource({"100, 1000, 50, 500", "1, 0, 1, 0", "2, 1, 1, 1", "3, 3, 1, 1", "1000, 5, 500, 2"})
  void partOfOneUser_whereNotGiven_isHalfButOneOfWhateverThereIs(
      int concurrent, int queued, int ofConcurrent, int ofQueued) {
    Config.Agents agents =
        Config.load(
                new String[] {
                  "--agents.max-concurrent-runs=" + concurrent, "--agents.max-queued-runs=" + queued
                },
                Map.of(),
                dir)
            .agents();
    assertThat(agents.maxConcurrentRunsPerUser()).isEqualTo(ofConcurrent);
    assertThat(agents.maxQueuedRunsPerUser()).isEqualTo(ofQueued);
  }

  @Test
  void choice_anyCase_isReadAndOthersAreRefused() {
    assertThat(load("agents.install", "Anyone").agents().install())
        .isEqualTo(Config.Installers.ANYONE);
    assertRefused("agents.install", "nobody", "anyone, users or admins, not 'nobody'");
    assertRefused("auth.registration", "yes", "open or closed, not 'yes'");
    assertRefused("database.sync", "1", "true or false, not '1'");
    assertThat(load("database.sync", "TRUE").database().sync()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, localhost",
    "my_host.example, my_host.example",
    "0.0.0.0, 0.0.0.0",
    "::, ::",
    "[::1], ::1",
    "fe80::1, fe80::1",
    "3com.example, 3com.example"
  })
  void host_nameOrAddress_isRead(String written, String host) {
    assertThat(load("server.host", written).server().host()).isEqualTo(host);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.2.3",
        "1.2.3.256",
        "1.2.3.4.5",
        "01.2.3.4",
        "a b",
        "a..b",
        "-a",
        "a:80",
        "http://a",
        "*",
        "1::2::3",
        "[a]",
        ".:",
        "ä"
      })
  void host_neitherNameNorAddress_isRefused(String written) {
    assertRefused("server.host", written, "a host name or an IP address");
  }

  @Test
  void host_veryLong_isRefusedAtOnce() {
    assertRefused("server.host", "a".repeat(50_000) + "!", "a host name or an IP address");
    assertRefused("server.host", "a.".repeat(50_000) + "!", "a host name or an IP address");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "10.0.0.0/33",
        "::1/129",
        "10.0.0.0/",
        "10.0.0/8",
        "1.2.3.4,",
        "g::1"
      })
  void addressRanges_notNumeric_isRefused(String written) {
    assertRefused("server.trusted-proxies", written, "IP addresses or ranges");
  }

  @ParameterizedTest
  @CsvSource({
    "*, *",
    "https://A.example, https://a.example",
    "https://a.example:443, https://a.example",
    "http://a.example:80, http://a.example",
    "http://a.example:443, http://a.example:443",
    "http://[::1]:3000, http://[::1]:3000",
    "tauri://localhost, tauri://localhost"
  })
  void origin_wellFormed_isReadAsBrowsersSendIt(String written, String origin) {
    assertThat(load("server.cors-origins", written).server().corsOrigins()).containsExactly(origin);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a.example",
        "https://a.example/",
        "https://a.example/x",
        "https://a:0",
        "https://a:65536",
        "https://*.a",
        "null",
        "https://a,,https://b"
      })
  void origin_malformed_isRefused(String written) {
    assertRefused("server.cors-origins", written, "origins such as");
  }

  @Test
  void list_itemTwice_countsOnce() {
    assertThat(load("registry.urls", "own:, bundled: ,own:").registryUrls())
        .containsExactly("own:", "bundled:");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "other:",
        "file://host/x",
        "ftp://a/b",
        "https://",
        "https://a?x",
        "https://a#x",
        "https://u@a",
        "own",
        "own:,"
      })
  void registry_noneOfTheForms_isRefused(String written) {
    assertRefused("registry.urls", written, "own:, bundled:, file:FOLDER or http(s) URLs");
  }

  @Test
  void databaseUrl_notOfH2_isRefused() {
    assertThat(load("database.url", "jdbc:h2:mem:a;X=1").database().url())
        .isEqualTo("jdbc:h2:mem:a;X=1");
    assertRefused("database.url", "jdbc:postgresql://x/y", "a URL that begins with jdbc:h2:");
    assertRefused("database.url", "jdbc:h2:", "a URL that begins with jdbc:h2:");
  }

  @Test
  void dataDir_withSemicolon_needsADatabaseUrl() {
    assertRefused("data.dir", "a;b", "a path without ; in it, or database.url to be set");
    Config config =
        Config.load(new String[] {"--data.dir=a;b", "--database.url=jdbc:h2:mem:x"}, Map.of(), dir);
    assertThat(config.dataDir()).isEqualTo(dir.resolve("a;b"));
  }

  @Test
  void dataDir_withNul_isRefused() {
    assertRefused("data.dir", "a\u0000b", "a path, not 'a?b'");
  }

  @Test
  void jwtSecret_31And32Characters_isRefusedAndRead() {
    assertRefused("auth.jwt.secret", "x".repeat(31), "at least 32 characters");
    assertThat(load("auth.jwt.secret", "x".repeat(32)).auth().jwtSecret())
        .isEqualTo("x".repeat(32));
  }

  @Test
  void records_listsOfThem_cannotBeChanged() {
    Config config = load("server.cors-origins", "*");

    List<List<?>> lists =
        List.of(config.server().corsOrigins(), config.providers(), config.registryUrls());
    assertThat(lists)
        .allSatisfy(
            list ->
                assertThat(catchThrowableOfType(UnsupportedOperationException.class, list::clear))
                    .isNotNull());
  }
}
