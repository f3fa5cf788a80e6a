package io.coterie.openai;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.AppFixture.Answer;
import io.coterie.http.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests with all that programs send beside what the API is about: as Open WebUI sends them, and
 * with OpenAI's other parameters. What an agent decides for itself is taken and not used.
 */
class OpenWebUiTest extends OpenAiServer {

  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Type", "application/json",
          "X-OpenWebUI-User-Name", "Ada%20Lovelace",
          "X-OpenWebUI-User-Id", "7d0c",
          "X-OpenWebUI-User-Email", "ada@example.com",
          "X-OpenWebUI-User-Role", "admin",
          "X-OpenWebUI-Chat-Id", "c0ffee");

  private Answer send(String method, String path, ObjectNode body) {
    String text = body == null ? null : body.toString();
    return app.send(user.token(), method, path, text, new LinkedHashMap<>(HEADERS));
  }

  /** It tries a connection by its list of models, and shows the names. */
  @Test
  void models_haveWhatIsShown() {
    Answer answer = send("GET", "/v1/models", null);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("data")).isNotEmpty();
    for (JsonNode model : answer.json().path("data")) {
      assertThat(model.path("id").asText()).isNotEmpty();
      assertThat(model.path("name").asText()).isNotEmpty();
    }
  }

  @Test
  void chat_isStreamedWithItsUsage() {
    ObjectNode request = object("model", "coordinator");
    request.put("stream", true);
    request.putObject("stream_options").put("include_usage", true);
    request.put("chat_id", "c0ffee").put("session_id", "s1").put("id", "m1");
    request.putObject("metadata").put("chat_id", "c0ffee").put("message_id", "m1");
    request.putObject("features").put("web_search", false);
    request.putObject("variables").put("{{USER_NAME}}", "Ada");
    request.putObject("background_tasks").put("title_generation", true);
    request.putObject("reasoning").put("effort", "low");
    request.putArray("files");
    request.putObject("user").put("name", "Ada").put("role", "admin");
    ArrayNode messages = request.putArray("messages");
    messages.add(object("role", "system", "content", "Be kind."));
    messages.add(object("role", "user", "content", "Hi"));
    messages.add(object("role", "assistant", "content", "Hello"));
    ObjectNode part = object("type", "text", "text", "And you?");
    part.set("cache_control", object("type", "ephemeral"));
    messages.addObject().put("role", "user").putArray("content").add(part);

    Answer answer = send("POST", "/v1/chat/completions", request);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.response().headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/event-stream");
    StringBuilder text = new StringBuilder();
    JsonNode usage = null;
    List<String> lines =
        answer.response().body().lines().filter(line -> line.startsWith("data: ")).toList();
    assertThat(lines).last().isEqualTo("data: [DONE]");
    for (String line : lines.subList(0, lines.size() - 1)) {
      JsonNode chunk = Json.readObject(line.substring(6)).orElseThrow();
      text.append(chunk.at("/choices/0/delta/content").asText(""));
      usage = chunk.has("usage") ? chunk.path("usage") : usage;
    }
    assertThat(text.toString()).isEqualTo("Hello");
    assertThat(usage.path("total_tokens").asInt()).isEqualTo(10);
    assertThat(model.calls().get(model.calls().size() - 1).request().messages().toString())
        .contains("Be kind.")
        .contains("And you?");
  }

  /** It asks for titles and tags beside the chat. */
  @Test
  void title_isAnsweredWhole() {
    ObjectNode request = asking("coordinator", "Make a title.").put("stream", false);
    request.putObject("metadata").put("task", "title_generation");
    Answer answer = send("POST", "/v1/chat/completions", request.put("max_completion_tokens", 50));
    assertThat(answer.json().at("/choices/0/message/content").asText()).isEqualTo("Hello");
    assertThat(answer.json().at("/usage/total_tokens").asInt()).isEqualTo(10);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{}}}]",
        "\"tool_choice\":\"auto\",\"parallel_tool_calls\":true",
        "\"functions\":[],\"function_call\":\"none\"",
        "\"response_format\":{\"type\":\"json_object\"}",
        "\"n\":1",
        "\"n\":null,\"stream\":null,\"stream_options\":null",
        "\"stop\":[\"END\"],\"max_tokens\":5,\"max_completion_tokens\":5",
        "\"seed\":7,\"temperature\":0,\"top_p\":1,\"presence_penalty\":0,\"logit_bias\":{}",
        "\"logprobs\":true,\"top_logprobs\":2,\"store\":true,\"metadata\":{\"a\":\"b\"}",
        "\"user\":\"ada\",\"service_tier\":\"auto\",\"reasoning_effort\":\"low\"",
        "\"modalities\":[\"text\"],\"prediction\":null,\"verbosity\":\"low\"",
        "\"none_of_these\":{\"x\":[1]}"
      })
  void parameter_thatIsTheAgentsOwnOrUnknown_isIgnored(String parameters) {
    String body =
        "{\"model\":\"echo\",%s,\"messages\":[{\"role\":\"user\",\"name\":\"ada\",\"content\":\"Hi\"}]}"
            .formatted(parameters);
    Answer answer = app.send(user.token(), "POST", "/v1/chat/completions", body, Map.of());
    assertThat(answer.status()).as(answer.response().body()).isEqualTo(200);
    assertThat(answer.json().at("/choices/0/message/content").asText()).isEqualTo("Hi");
    assertThat(answer.json().path("choices")).hasSize(1);
  }
}
