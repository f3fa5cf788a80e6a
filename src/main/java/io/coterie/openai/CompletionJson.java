package io.coterie.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.Json;
import java.time.Instant;

/**
 * One completion in OpenAI's format, whole or in chunks. Immutable.
 *
 * @param id the same in all its chunks
 * @param created seconds since 1970
 */
record CompletionJson(String id, long created, String model) {

  static CompletionJson of(String id, Instant now, String model) {
    return new CompletionJson("chatcmpl-" + id.replace("-", ""), now.getEpochSecond(), model);
  }

  ObjectNode whole(String text, Completion.Outcome outcome) {
    ObjectNode json = head("chat.completion");
    ObjectNode choice = json.putArray("choices").addObject().put("index", 0);
    choice.putObject("message").put("role", "assistant").put("content", text).putNull("refusal");
    choice.putNull("logprobs").put("finish_reason", outcome.finishReason());
    json.set("usage", usage(outcome));
    return json;
  }

  /** What comes first: who speaks. */
  ObjectNode first() {
    return chunk(Json.MAPPER.createObjectNode().put("role", "assistant").put("content", ""), null);
  }

  ObjectNode piece(String text) {
    return chunk(Json.MAPPER.createObjectNode().put("content", text), null);
  }

  ObjectNode last(Completion.Outcome outcome) {
    return chunk(Json.MAPPER.createObjectNode(), outcome.finishReason());
  }

  /** What it cost, for those who asked for it. */
  ObjectNode cost(Completion.Outcome outcome) {
    ObjectNode json = head("chat.completion.chunk");
    json.putArray("choices");
    json.set("usage", usage(outcome));
    return json;
  }

  private ObjectNode chunk(ObjectNode delta, String finishReason) {
    ObjectNode json = head("chat.completion.chunk");
    ObjectNode choice = json.putArray("choices").addObject().put("index", 0);
    choice.set("delta", delta);
    choice.putNull("logprobs").put("finish_reason", finishReason);
    return json;
  }

  private ObjectNode head(String object) {
    return Json.MAPPER
        .createObjectNode()
        .put("id", id)
        .put("object", object)
        .put("created", created)
        .put("model", model);
  }

  private static ObjectNode usage(Completion.Outcome outcome) {
    return Json.MAPPER
        .createObjectNode()
        .put("prompt_tokens", outcome.inputTokens())
        .put("completion_tokens", outcome.outputTokens())
        .put("total_tokens", (long) outcome.inputTokens() + outcome.outputTokens());
  }
}
