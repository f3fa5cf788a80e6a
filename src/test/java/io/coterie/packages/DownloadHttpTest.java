package io.coterie.packages;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** GET /agent/download from a registry over HTTP, with all that can go wrong there. */
class DownloadHttpTest {

  private static PackageServer registry;
  private static AppFixture app;
  private static Login user;

  @BeforeAll
  static void start() {
    registry = new PackageServer();
    app = AppFixture.start("registry.urls=" + registry.url() + ",bundled:");
    user = app.login();
  }

  @AfterAll
  static void stop() {
    app.close();
    registry.close();
  }

  @Test
  void download_goodPackage_isInstalled() {
    registry.add("good", "1.2.3", "");
    answer("good", 200, "Successfully installed good:1.2.3");
    assertThat(app.get(user.token(), "/agent/good").json().path("source").asText())
        .isEqualTo("package");
  }

  @Test
  void download_anotherVersion_replacesTheOneThatIsThere() {
    registry.addTwo("two", "1.9.0", "1.10.0");
    answer("two&version=1.9.0", 200, "Successfully installed two:1.9.0");
    assertThat(version("two")).isEqualTo("1.9.0");
    answer("two", 200, "Successfully installed two:1.10.0");
    assertThat(version("two")).isEqualTo("1.10.0");
    answer("two&version=3.0.0", 404, "Package not found: two:3.0.0");
    assertThat(version("two")).isEqualTo("1.10.0");
  }

  private static String version(String agentId) {
    return app.get(user.token(), "/agent/" + agentId).json().path("version").asText();
  }

  @Test
  void download_unknownThere_isLookedForInTheNext() {
    answer("translator", 200, "Successfully installed translator:1.0.0");
    answer("unknown", 404, "Package not found: unknown:latest");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 410, 418, 429, 451, 500, 503, 599})
  void index_error_isPassedOnAndEndsTheSearch(int status) {
    String name = "index-" + status;
    registry.put("/" + name + "/index.json", status, new byte[] {1});
    failed(name, status, "the registry answered " + status);
    var answer = app.get(user.token(), "/agent/download?query=" + name);
    assertThat(answer.response().headers().firstValue("WWW-Authenticate").isPresent())
        .isEqualTo(status == 401);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 403, 404, 410, 500, 503})
  void archive_error_isPassedOn(int status) {
    String name = "archive-" + status;
    registry.index(name, "1.0.0", "0".repeat(64));
    registry.put("/" + name + "/" + name + ".zip", status, new byte[] {1});
    failed(name, status, "the registry answered " + status);
  }

  @Test
  void archive_ofAnotherHash_isRefused() {
    registry.add("tampered", "1.0.0", "");
    registry.put("/tampered/tampered.zip", 200, PackageServer.zip("{}"));
    failed("tampered", 422, "the package is not the one in the index: its SHA-256 differs");
  }

  @Test
  void archive_thatIsNoZip_isRefused() {
    byte[] text = "no zip".getBytes(StandardCharsets.UTF_8);
    registry.index("no-zip", "1.0.0", PackageArchive.sha256(text));
    registry.put("/no-zip/no-zip.zip", 200, text);
    failed("no-zip", 422, null);
  }

  /** What each kind of archive is refused for is the matter of PackageArchiveTest. */
  @Test
  void archive_ofAnyHostileKind_isRefusedAndLeavesNothing() throws Exception {
    Set<Path> before = files(app.dataDir());
    Map<String, String> names =
        Map.of(
            "../x", "the archive has a path that leads out of it",
            "/x", "the archive has an absolute path",
            "C:x", "the archive has an absolute path",
            "AGENT.JSON", "the archive has a name twice",
            "agent.json", "the archive has a name twice");
    names.forEach((name, reason) -> hostile(zip -> zip.add(name, "x"), reason));
    hostile(
        zip -> zip.add("link", "/etc/passwd").mode = 0120777,
        "the archive has a link or another special file");
    hostile(zip -> zip.add("secret", "x").flags = 1, "the archive has an encrypted entry");
    hostile(
        zip -> zip.deflate("zeros", new byte[2 << 20]), "the archive is compressed beyond belief");
    hostile(
        zip -> {
          for (int i = 0; i < 1_000; i++) {
            zip.add("f" + i, "");
          }
        },
        "the archive has more than 1000 entries");
    assertThat(files(app.dataDir())).isEqualTo(before);
  }

  private static void hostile(Consumer<CraftedZip> evil, String reason) {
    String name = "hostile-" + registry.size(); // an index is kept for a minute
    CraftedZip zip = new CraftedZip();
    zip.add("agent.json", PackageServer.manifest(name, "1.0.0", ""));
    evil.accept(zip);
    byte[] bytes = zip.bytes();
    registry.index(name, "1.0.0", PackageArchive.sha256(bytes));
    registry.put("/" + name + "/" + name + ".zip", 200, bytes);
    failed(name, 422, reason);
  }

  private static Set<Path> files(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.collect(Collectors.toSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void manifest_thatIsWrong_isRefused() {
    registry.add("twice", "1.0.0", ",\"kind\":\"llm\"");
    failed("twice", 422, "agent.json is not valid JSON");
    registry.add("hot", "1.0.0", ",\"temperature\":9");
    failed("hot", 422, "in agent.json, temperature must be a number from 0 to 2");
    byte[] zip = PackageServer.zip(PackageServer.manifest("other", "1.0.0", ""));
    registry.index("mismatch", "1.0.0", PackageArchive.sha256(zip));
    registry.put("/mismatch/mismatch.zip", 200, zip);
    failed("mismatch", 422, "agent_id in agent.json is not mismatch");
  }

  @Test
  void index_thatIsNoJson_isRefused() {
    registry.put("/garbled/index.json", 200, "<html>".getBytes(StandardCharsets.UTF_8));
    failed("garbled", 422, null);
    registry.index("evil-file", "1.0.0", "0".repeat(64));
    String index =
        "{\"name\":\"evil-file\",\"versions\":[{\"version\":\"1.0.0\",\"file\":\"../../x\",\"sha256\":\""
            + "0".repeat(64)
            + "\"}]}";
    registry.put("/evil-file/index.json", 200, index.getBytes(StandardCharsets.UTF_8));
    failed("evil-file", 422, null);
  }

  @Test
  void redirect_elsewhere_isABadGateway() {
    registry.redirect("/elsewhere/index.json", "https://127.0.0.1:1/index.json");
    failed("elsewhere", 502, "the registry redirected elsewhere");
    registry.redirect("/loop/index.json", "/loop/index.json");
    failed("loop", 502, "the registry redirected too often");
  }

  @Test
  void registry_unreachable_isABadGateway() {
    PackageServer closed = new PackageServer();
    closed.close();
    try (AppFixture server = AppFixture.start("registry.urls=" + closed.url() + ",bundled:")) {
      var answer = server.get(server.login().token(), "/agent/download?query=summarizer");
      assertThat(answer.status()).isEqualTo(502);
      assertThat(answer.json().textValue())
          .isEqualTo(
              "Failed to download package: summarizer:latest, the registry could not be reached");
    }
  }

  private static void failed(String name, int status, String details) {
    String begin = "Failed to download package: " + name + ":latest, ";
    var answer = app.get(user.token(), "/agent/download?query=" + name);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.json().textValue())
        .startsWith(begin)
        .doesNotContain("Exception", "/tmp", "java.", "io.coterie", "127.0.0.1");
    if (details != null) {
      assertThat(answer.json().textValue()).isEqualTo(begin + details);
    }
    assertThat(app.get(user.token(), "/agent/" + name).status()).isEqualTo(404);
  }

  private static void answer(String name, int status, String text) {
    var answer = app.get(user.token(), "/agent/download?query=" + name);
    assertThat(answer.json().textValue()).isEqualTo(text);
    assertThat(answer.status()).isEqualTo(status);
  }
}
