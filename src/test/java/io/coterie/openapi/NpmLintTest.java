package io.coterie.openapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.AppFixture;
import io.coterie.http.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The OpenAPI document as a public linter sees it, Redocly's. Skipped where that is not there. */
class NpmLintTest {

  private static final Path LINTER =
      Path.of("target/node/node_modules/@redocly/cli/bin/cli.js").toAbsolutePath();

  /** What it warns of, and why that is so. */
  private static final Map<String, String> EXPECTED =
      Map.of(
          "operation-2xx-response", "a WebSocket is answered with 101",
          "operation-4xx-response", "some routes refuse nobody",
          "no-unused-components", "frames and chunks are named in extensions alone");

  @TempDir Path dir;

  @BeforeEach
  void requireLinter() throws Exception {
    boolean there = Files.isRegularFile(LINTER) && runs();
    if (!there) {
      System.out.println("SKIPPED: the OpenAPI document is not linted, as the linter is missing");
    }
    assumeTrue(there, "node or the npm package @redocly/cli is missing: .ci/run installs them");
  }

  /** Not with every node. */
  private boolean runs() throws InterruptedException {
    try {
      Process process = run("--version");
      return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void document_served_hasNoErrors() throws Exception {
    JsonNode result;
    try (AppFixture app = AppFixture.start()) {
      result = lint(app.get(null, "/openapi.json").response().body());
    }
    assertThat(result.path("totals").path("errors").asInt(-1)).as("%s", result).isZero();
    List<String> warnings = result.path("problems").findValuesAsText("ruleId");
    assertThat(EXPECTED.keySet()).as("%s", result).containsAll(warnings);
  }

  @Test
  void document_withAMistake_hasAnError() throws Exception {
    ObjectNode document = ApiDocument.of("0");
    document.withObject("/paths/~1ping/get").put("operationId", "health");
    assertThat(lint(document.toString()).path("totals").path("errors").asInt()).isPositive();
  }

  private JsonNode lint(String document) throws Exception {
    Files.writeString(dir.resolve("openapi.json"), document);
    Process process = run("lint", "openapi.json", "--extends=recommended", "--format=json");
    boolean ended = process.waitFor(60, TimeUnit.SECONDS);
    process.destroyForcibly();
    assertThat(ended).isTrue();
    String said = Files.readString(dir.resolve("said"));
    return Json.readObject(said).orElseThrow(() -> new AssertionError(said));
  }

  private Process run(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("node", LINTER.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(dir.toFile());
    // It would ask its maker's hosts for news, and tell them that it was used.
    builder.environment().put("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    builder.environment().put("REDOCLY_TELEMETRY", "off");
    return builder
        .redirectOutput(dir.resolve("said").toFile())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
