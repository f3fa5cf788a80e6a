package io.coterie.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.http.Json;
import io.coterie.model.Gate;
import io.coterie.model.RunFailure;
import io.coterie.model.ScriptedModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The OpenAI-compatible API as {@code openai} of npm sees it. Skipped where that is not there. */
class NpmOpenAiTest {

  private static final Path MODULES = Path.of("target/node").toAbsolutePath();
  private static final Path SCRIPT = Path.of("src/test/node/openai.mjs").toAbsolutePath();

  @Test
  void client_listsCompletesStreamsFailsAndAborts() throws Exception {
    boolean there = Files.isDirectory(MODULES.resolve("node_modules/openai")) && hasNode();
    if (!there) {
      System.out.println("SKIPPED: the npm client of OpenAI is not tested, as it is not installed");
    }
    assumeTrue(there, "node or the npm client of OpenAI is missing: .ci/run installs them");
    List<Gate> stopped = List.of(new Gate(), new Gate());
    ScriptedModel model = new ScriptedModel(ScriptedModel.pieces("Hel", "lo"));
    ScriptedModel.Script usual = ScriptedModel.pieces("Hel", "lo");
    model
        .then(usual)
        .then(usual)
        .then(ScriptedModel.failing(RunFailure.Code.MODEL_AUTH, "No key."))
        .then(ScriptedModel.failing(RunFailure.Code.MODEL_RATE_LIMITED, "Too fast."));
    for (Gate gate : stopped) {
      model.then(
          (request, reply) -> {
            reply.text("Half");
            try {
              reply.awaitCancel();
            } finally {
              gate.open();
            }
          });
    }
    try (AppFixture app = AppFixture.startWith(model)) {
      JsonNode result = run(app.url() + "/v1", app.login().token());
      assertThat(result.path("models").toString()).contains("\"echo\"").contains("\"coordinator\"");
      assertThat(result.path("model").asText()).isEqualTo("echo");
      assertThat(result.path("whole").asText()).isEqualTo("Hello");
      assertThat(result.at("/usage/total_tokens").asInt()).isEqualTo(10);
      assertThat(result.at("/streamed/text").asText()).isEqualTo("Hello");
      assertThat(result.at("/streamed/reasons").toString()).contains("\"stop\"");
      assertThat(result.at("/streamed/usage/prompt_tokens").asInt()).isEqualTo(7);
      failure(result.path("noModel"), "NotFoundError", 404, "model_not_found");
      failure(result.path("noKey"), "AuthenticationError", 401, "invalid_api_key");
      failure(result.path("noMessages"), "BadRequestError", 400, null);
      failure(result.path("twoReplies"), "BadRequestError", 400, null);
      failure(result.path("picture"), "BadRequestError", 400, null);
      failure(result.path("tooLarge"), "APIError", 413, null);
      failure(result.path("failed"), "InternalServerError", 502, "model_auth");
      failure(result.path("limited"), "RateLimitError", 429, "model_rate_limited");
      assertThat(result.path("half").asText()).isEqualTo("Half");
      assertThat(result.at("/aborted/kind").asText()).isEqualTo("APIUserAbortError");
      stopped.forEach(Gate::await);
    }
  }

  private static void failure(JsonNode failure, String kind, int status, String code) {
    assertThat(failure.path("kind").asText()).isEqualTo(kind);
    assertThat(failure.path("status").asInt()).isEqualTo(status);
    assertThat(failure.path("code").textValue()).isEqualTo(code);
  }

  private static boolean hasNode() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "node")));
  }

  private static JsonNode run(String url, String key) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("node", SCRIPT.toString(), MODULES.toString(), url, key)
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return Json.readObject(said.strip()).orElseThrow(() -> new AssertionError(said));
  }
}
