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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The OpenAI-compatible API as {@code openai} of PyPI sees it. Skipped where that is not there. */
class PythonOpenAiTest {

  private static final Path PYTHON = Path.of("target/python/bin/python").toAbsolutePath();
  private static final Path INSTALLED = Path.of("target/python/installed").toAbsolutePath();
  private static final Path SCRIPT = Path.of("src/test/python/openai_client.py").toAbsolutePath();

  @Test
  void client_listsCompletesStreamsFailsAndHangsUp() throws Exception {
    boolean there = Files.isExecutable(PYTHON) && Files.exists(INSTALLED);
    if (!there) {
      System.out.println(
          "SKIPPED: the Python client of OpenAI is not tested, as it is not installed");
    }
    assumeTrue(there, "the Python client of OpenAI is missing: .ci/run installs it");
    ScriptedModel.Script usual = ScriptedModel.pieces("Hel", "lo");
    Gate stopped = new Gate();
    ScriptedModel model = new ScriptedModel(usual);
    model
        .then(usual)
        .then(usual)
        .then(ScriptedModel.failing(RunFailure.Code.MODEL_AUTH, "No key."))
        .then(
            (request, reply) -> {
              reply.text("Half");
              try {
                reply.awaitCancel();
              } finally {
                stopped.open();
              }
            });
    try (AppFixture app = AppFixture.startWith(model)) {
      JsonNode result = run(app.url() + "/v1", app.login().token());
      assertThat(result.path("models").toString()).contains("\"echo\"").contains("\"coordinator\"");
      assertThat(result.path("model").asText()).isEqualTo("echo");
      assertThat(result.path("whole").asText()).isEqualTo("Hello");
      assertThat(result.path("tokens").asInt()).isEqualTo(10);
      assertThat(result.path("streamed").asText()).isEqualTo("Hello");
      assertThat(result.path("prompt_tokens").asInt()).isEqualTo(7);
      failure(result.path("no_model"), "NotFoundError", 404, "model_not_found");
      failure(result.path("no_key"), "AuthenticationError", 401, "invalid_api_key");
      failure(result.path("no_messages"), "BadRequestError", 400, null);
      failure(result.path("too_large"), "APIStatusError", 413, null);
      failure(result.path("picture"), "BadRequestError", 400, null);
      failure(result.path("failed"), "InternalServerError", 502, "model_auth");
      assertThat(result.path("half").asText()).isEqualTo("Half");
      stopped.await();
    }
  }

  private static void failure(JsonNode failure, String kind, int status, String code) {
    assertThat(failure.path("kind").asText()).isEqualTo(kind);
    assertThat(failure.path("status").asInt()).isEqualTo(status);
    assertThat(failure.path("code").textValue()).isEqualTo(code);
    assertThat(failure.path("id").asText()).isNotEmpty();
  }

  private static JsonNode run(String url, String key) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(PYTHON.toString(), SCRIPT.toString(), url, key)
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return Json.readObject(said.strip()).orElseThrow(() -> new AssertionError(said));
  }
}
