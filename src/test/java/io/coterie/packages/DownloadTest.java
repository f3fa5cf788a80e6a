package io.coterie.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import io.coterie.Expect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** GET /agent/download from the registry in the jar and from folders. */
class DownloadTest {

  private static AppFixture app;
  private static Login user;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    app.login();
    user = app.login();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @ParameterizedTest
  @CsvSource({
    "query=summarizer,summarizer:1.0.0",
    "query=summarizer&version=,summarizer:1.0.0",
    "query=summarizer&version=latest,summarizer:1.0.0",
    "query=translator&version=1.0.0,translator:1.0.0",
    "query=%20code-reviewer%20,code-reviewer:1.0.0"
  })
  void download_bundledPackage_isInstalled(String query, String installed) {
    app.rest(user.token())
        .when()
        .get("/agent/download?" + query.replace("%20", " "))
        .then()
        .statusCode(200)
        .header("Content-Type", equalTo("application/json"))
        .body(equalTo("\"Successfully installed " + installed + "\""));
  }

  @ParameterizedTest
  @CsvSource({
    "query=nothing,nothing:latest",
    "query=nothing&version=,nothing:latest",
    "query=nothing&version=1.2.3,nothing:1.2.3",
    "query=summarizer&version=9.9.9,summarizer:9.9.9",
    "query=summarizer&version=abc,summarizer:abc",
    "query=summarizer&version=v1.0.0,summarizer:v1.0.0",
    "query=Summarizer,Summarizer:latest",
    "query=..%2Fsummarizer,../summarizer:latest",
    "query=a%22b,a\\\"b:latest",
    "query=guide,guide:latest"
  })
  void download_unknownPackage_isNotFound(String query, String named) {
    for (String token : new String[] {null, user.token()}) {
      var answer = app.get(token, "/agent/download?" + query);
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.response().body()).isEqualTo("\"Package not found: " + named + "\"");
    }
  }

  @Test
  void download_withoutQuery_isMissing() {
    for (String query : new String[] {"", "?query=", "?query=%20", "?version=1.0.0"}) {
      for (String token : new String[] {null, user.token()}) {
        var answer = app.get(token, "/agent/download" + query);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.response().body()).isEqualTo("{\"error\":\"Missing param 'query'\"}");
      }
    }
  }

  @Test
  void download_acceptingText_isPlainText() {
    for (String[] expected :
        new String[][] {
          {"summarizer", "Successfully installed summarizer:1.0.0"},
          {"nothing", "Package not found: nothing:latest"}
        }) {
      var answer =
          app.send(
              user.token(),
              "GET",
              "/agent/download?query=" + expected[0],
              null,
              Map.of("Accept", "text/plain"));
      assertThat(answer.response().body()).isEqualTo(expected[1]);
      assertThat(answer.response().headers().firstValue("Content-Type").orElse(""))
          .startsWith("text/plain");
    }
  }

  @Test
  void download_withABadToken_isRefusedFirst() {
    for (String query : new String[] {"", "?query=nothing", "?query=summarizer"}) {
      Expect.msg(app.get("bad", "/agent/download" + query), 401, "Invalid token");
    }
  }

  @Test
  void agent_installed_isListedForAllAndInWorkspaces() {
    Login other = app.login();
    String workspace = app.workspace(other);
    String path = "/workspace/" + workspace;
    app.post(other.token(), path + "/agent", AppFixture.object("agent_id", "writing-editor"));
    assertThat(member(other, path).path("installed").booleanValue()).isFalse();

    app.get(user.token(), "/agent/download?query=writing-editor");
    JsonNode agent = app.get(other.token(), "/agent/writing-editor").json();
    assertThat(agent.path("kind").asText()).isEqualTo("llm");
    assertThat(agent.path("source").asText()).isEqualTo("package");
    assertThat(agent.path("version").asText()).isEqualTo("1.0.0");
    assertThat(app.get(other.token(), "/agent").json().path("agents")).contains(agent);
    assertThat(member(other, path).path("installed").booleanValue()).isTrue();
    assertThat(member(other, path).path("version").asText()).isEqualTo("1.0.0");
  }

  private static JsonNode member(Login who, String path) {
    return app.get(who.token(), path).json().path("workspace").path("agents").get(0);
  }

  @Test
  void agent_installed_survivesARestart() {
    try (AppFixture disk = AppFixture.startOnDisk()) {
      Login first = disk.login();
      String workspace = disk.workspace(first);
      disk.get(first.token(), "/agent/download?query=translator");
      JsonNode before = disk.get(first.token(), "/agent").json();
      assertThat(before.findValuesAsText("agent_id")).contains("translator");
      disk.restart();
      assertThat(disk.get(first.token(), "/agent").json()).isEqualTo(before);
      assertThat(disk.get(first.token(), "/workspace/" + workspace).status()).isEqualTo(200);
    }
  }

  @Test
  void download_fromAFolder_isInstalledOrRefused(@TempDir Path folder) throws Exception {
    PackageServer.addToFolder(folder, "local", "2.1.0-beta.1");
    PackageServer.addToFolder(folder, "broken", "1.0.0");
    Files.writeString(folder.resolve("broken/broken.zip"), "no zip");
    PackageServer.addToFolder(folder, "gone", "1.0.0");
    Files.delete(folder.resolve("gone/gone.zip"));
    try (AppFixture server = AppFixture.start("registry.urls=file:" + folder + ",bundled:")) {
      String token = server.login().token();
      body(server, token, "query=local", 404, "Package not found: local:latest");
      body(
          server,
          token,
          "query=local&version=2.1.0-beta.1",
          200,
          "Successfully installed local:2.1.0-beta.1");
      body(
          server,
          token,
          "query=broken",
          422,
          "Failed to download package: broken:latest, the package is not the one in the index: its"
              + " SHA-256 differs");
      body(
          server,
          token,
          "query=gone&version=1.0.0",
          404,
          "Failed to download package: gone:1.0.0, the registry answered 404");
      body(server, token, "query=summarizer", 200, "Successfully installed summarizer:1.0.0");
    }
  }

  @Test
  void download_folderThatIsNotThere_isABadGateway(@TempDir Path folder) {
    String url = "file:" + folder.resolve("nowhere");
    try (AppFixture server = AppFixture.start("registry.urls=" + url + ",bundled:")) {
      body(
          server,
          server.login().token(),
          "query=summarizer",
          502,
          "Failed to download package: summarizer:latest, the registry could not be reached");
    }
  }

  private static void body(AppFixture on, String token, String query, int status, String text) {
    var answer = on.get(token, "/agent/download?" + query);
    assertThat(answer.json().textValue()).isEqualTo(text);
    assertThat(answer.status()).isEqualTo(status);
  }
}
