package io.coterie.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigTest {

  @TempDir Path dir;

  private Config load(Map<String, String> environment, String... args) {
    return Config.load(args, environment, dir);
  }

  private void file(String name, String text) throws IOException {
    Files.writeString(dir.resolve(name), text);
  }

  @Test
  void load_nothingGiven_documentedDefaults() {
    Config config = load(Map.of());

    assertThat(config)
        .isEqualTo(
            new Config(
                new Config.Server(
                    "127.0.0.1",
                    7070,
                    1_048_576,
                    10_000,
                    OptionalLong.empty(),
                    List.of(),
                    List.of(),
                    Duration.ofSeconds(5)),
                dir.resolve("data"),
                new Config.Database(
                    "jdbc:h2:file:" + dir.resolve("data/coterie"), false, 1_048_576),
                new Config.Auth(Config.Registration.OPEN, 20, 30, Duration.ofDays(7), null, 1),
                new Config.Chat(Duration.ofMinutes(5), Duration.ofMinutes(1), 4 * 1_048_576),
                new Config.Operations(false, true),
                new Config.Model(
                    null, Duration.ofSeconds(10), Duration.ofSeconds(120), Duration.ofSeconds(60)),
                List.of(),
                new Config.Agents(
                    Config.Installers.USERS,
                    100,
                    50,
                    1000,
                    500,
                    5,
                    50,
                    500_000,
                    200_000,
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(60)),
                List.of("own:", "bundled:"),
                new Config.Quota(0, 0)));
  }

  @Test
  void load_everySettingGiven_eachReachesItsOwnComponent() throws IOException {
    String secret = "0123456789abcdef0123456789abcdef";
    file(
        "config.properties",
        """
        server.host=::1
        server.port=8081
        server.max-body-size=2MB
        server.max-connections=101
        server.max-request-memory=90MB
        server.cors-origins=https://a.example, http://b.example:8080
        server.trusted-proxies=10.0.0.0/8, ::1
        server.stop-timeout=11s
        data.dir=elsewhere/deep
        database.url=jdbc:h2:mem:x
        database.sync=true
        database.min-free-space=20MB
        auth.registration=closed
        auth.registration.max-per-hour=7
        auth.login.max-failures=8
        auth.token.ttl=12h
        auth.jwt.secret=%s
        auth.password.min-length=13
        chat.connection-string.ttl=14m
        chat.message-string.ttl=15s
        chat.max-outbox-size=16KB
        metrics.public=true
        log.requests=false
        model.default=Local/llama3:8b
        model.connect-timeout=17s
        model.first-token-timeout=18s
        model.idle-timeout=19s
        provider.Local.type=ollama
        provider.Local.base-url=http://gpu:11434/
        provider.Local.api-key=k
        agents.install=admins
        agents.max-concurrent-runs=3
        agents.max-concurrent-runs-per-user=2
        agents.max-queued-runs=9
        agents.max-queued-runs-per-user=8
        agents.max-depth=4
        agents.max-steps=6
        quota.user.tokens-per-day=23
        quota.user.requests-per-minute=24
        agents.max-tokens=7
        agents.max-history-size=8000
        agents.tool-start-timeout=21s
        agents.tool-timeout=22s
        registry.urls=bundled:,https://packages.example/x/,file:///srv/registry,file:here
        """
            .formatted(secret));

    Config config = load(Map.of());

    assertThat(config)
        .isEqualTo(
            new Config(
                new Config.Server(
                    "::1",
                    8081,
                    2_097_152,
                    101,
                    OptionalLong.of(94_371_840),
                    List.of("https://a.example", "http://b.example:8080"),
                    List.of(
                        new Config.AddressRange(InetAddress.getByName("10.0.0.0"), 8),
                        new Config.AddressRange(InetAddress.getByName("::1"), 128)),
                    Duration.ofSeconds(11)),
                dir.resolve("elsewhere/deep"),
                new Config.Database("jdbc:h2:mem:x", true, 20 * 1_048_576),
                new Config.Auth(Config.Registration.CLOSED, 7, 8, Duration.ofHours(12), secret, 13),
                new Config.Chat(Duration.ofMinutes(14), Duration.ofSeconds(15), 16_384),
                new Config.Operations(true, false),
                new Config.Model(
                    "local/llama3:8b",
                    Duration.ofSeconds(17),
                    Duration.ofSeconds(18),
                    Duration.ofSeconds(19)),
                List.of(
                    new ProviderConfig(
                        "local", ProviderConfig.Type.OLLAMA, "http://gpu:11434", "k")),
                new Config.Agents(
                    Config.Installers.ADMINS,
                    3,
                    2,
                    9,
                    8,
                    4,
                    6,
                    7,
                    8000,
                    Duration.ofSeconds(21),
                    Duration.ofSeconds(22)),
                List.of(
                    "bundled:", "https://packages.example/x", "file:///srv/registry", "file:here"),
                new Config.Quota(23, 24)));
  }

  @Test
  void load_sameKeyInAllSources_argumentThenEnvironmentThenFileWins() throws IOException {
    file("config.properties", "server.port=1\nserver.host=filehost\nauth.token.ttl=1d\n");
    Map<String, String> environment =
        Map.of("COTERIE_SERVER_PORT", "2", "COTERIE_SERVER_HOST", "envhost", "PATH", "/bin");

    Config config = load(environment, "--server.port=3");

    assertThat(config.server().port()).isEqualTo(3);
    assertThat(config.server().host()).isEqualTo("envhost");
    assertThat(config.auth().tokenTtl()).isEqualTo(Duration.ofDays(1));
  }

  @Test
  void load_variableOfKeyWithDashes_underscoresStandForDotsAndDashes() {
    Config config = load(Map.of("COTERIE_SERVER_MAX_BODY_SIZE", "3KB"));

    assertThat(config.server().maxBodySize()).isEqualTo(3072);
  }

  @Test
  void load_emptyValue_countsAsNotGiven() throws IOException {
    file("config.properties", "server.port=8080\nserver.host=\nauth.jwt.secret=   \n");

    Config config = load(Map.of("COTERIE_SERVER_PORT", "  "), "--server.port=");

    assertThat(config.server().port()).isEqualTo(8080);
    assertThat(config.server().host()).isEqualTo("127.0.0.1");
    assertThat(config.auth().jwtSecret()).isNull();
  }

  @Test
  void load_configArgument_readsThatFileInsteadOfTheUsualOne() throws IOException {
    file("config.properties", "server.port=1\nserver.host=usual\n");
    file("other.conf", "server.port=2\n");

    Config config = load(Map.of(), "--config=other.conf");

    assertThat(config.server().port()).isEqualTo(2);
    assertThat(config.server().host()).isEqualTo("127.0.0.1");
  }

  @Test
  void load_fileWithByteOrderMarkAndUmlauts_isReadAsUtf8() throws IOException {
    file("config.properties", "\uFEFFserver.port=9\r\n! a comment\r\ndata.dir = Büro/日本\r\n");

    Config config = load(Map.of());

    assertThat(config.server().port()).isEqualTo(9);
    assertThat(config.dataDir()).isEqualTo(dir.resolve("Büro/日本"));
  }

  @Test
  void load_absoluteDataDir_staysAsItIs() {
    Path absolute = dir.resolve("x").toAbsolutePath();

    assertThat(load(Map.of(), "--data.dir=" + absolute + "/../y").dataDir())
        .isEqualTo(absolute.resolveSibling("y"));
  }

  @Test
  void load_variablesOfKubernetesServices_areNoSettings() {
    Map<String, String> environment =
        Map.of(
            "COTERIE_SERVICE_HOST", "10.0.0.1",
            "COTERIE_SERVICE_PORT", "7070",
            "COTERIE_SERVICE_PORT_HTTP", "7070",
            "COTERIE_PORT", "tcp://10.0.0.1:7070",
            "COTERIE_SERVER_PORT", "tcp://10.0.0.1:7070",
            "COTERIE_PORT_7070_TCP", "tcp://10.0.0.1:7070",
            "COTERIE_PORT_7070_TCP_ADDR", "10.0.0.1",
            "COTERIE_DB_PORT_5432_TCP_PROTO", "tcp");

    assertThat(load(environment).server().port()).isEqualTo(7070);
  }

  @Test
  void contains_addressRange_comparesTheLeadingBits() throws IOException {
    Config config = load(Map.of(), "--server.trusted-proxies=10.1.2.3/12,2001:db8::/33,0.0.0.0/0");
    List<Config.AddressRange> ranges = config.server().trustedProxies();

    assertThat(ranges.get(0).contains(InetAddress.getByName("10.15.255.255"))).isTrue();
    assertThat(ranges.get(0).contains(InetAddress.getByName("10.16.0.0"))).isFalse();
    assertThat(ranges.get(0).contains(InetAddress.getByName("::1"))).isFalse();
    assertThat(ranges.get(1).contains(InetAddress.getByName("2001:db8:7fff::1"))).isTrue();
    assertThat(ranges.get(1).contains(InetAddress.getByName("2001:db8:8000::1"))).isFalse();
    assertThat(ranges.get(2).contains(InetAddress.getByName("203.0.113.9"))).isTrue();
    assertThat(ranges.get(2).contains(InetAddress.getByName("2001:db8::1"))).isFalse();
  }

  @Test
  void toString_withSecrets_showsNone() {
    Config config =
        load(
            Map.of("OPENAI_API_KEY", "sk-from-environment"),
            "--auth.jwt.secret=very-secret-very-secret-very-secret",
            "--database.url=jdbc:h2:mem:x;USER=sa;PASSWORD=hunter2",
            "--provider.x.type=anthropic",
            "--provider.x.api-key=sk-configured");

    assertThat(config.toString())
        .contains("jdbc:h2:mem:x;***", "jwtSecret=***", "name=x", "name=openai")
        .doesNotContain("sk-", "very-secret", "hunter2");
  }

  @Test
  void wantsHelpAndVersion_flagAnywhere_isSeen() {
    assertThat(Config.wantsHelp(new String[] {"--server.port=1", "--help"})).isTrue();
    assertThat(Config.wantsHelp(new String[] {"-h"})).isTrue();
    assertThat(Config.wantsHelp(new String[] {"--version"})).isFalse();
    assertThat(Config.wantsVersion(new String[] {"--version"})).isTrue();
    assertThat(Config.wantsVersion(new String[] {"--help"})).isFalse();
    assertThat(load(Map.of(), "-h", "--help", "--version")).isEqualTo(load(Map.of()));
  }
}
