package io.coterie.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.agent.AgentRunner.Turn;
import io.coterie.http.ApiException;
import io.coterie.http.Fields;
import io.coterie.http.Json;
import io.coterie.http.OpenAiException;
import java.util.ArrayList;
import java.util.List;

/**
 * A request for a chat completion. What an agent decides for itself is not read: the temperature,
 * the length, tools. Immutable.
 *
 * @param context what the program tells the agent, beside its own instructions
 * @param history what was said before {@code text}, oldest first
 * @param text the last message of the person
 * @param includeUsage whether a stream ends with what it cost
 */
record CompletionRequest(
    String model,
    String context,
    List<Turn> history,
    String text,
    boolean stream,
    boolean includeUsage) {

  private static final int MAX_MESSAGE = 100_000;

  /**
   * Reads one.
   *
   * @throws OpenAiException 400, with the parameter that is wrong
   */
  static CompletionRequest read(byte[] body) {
    ObjectNode json =
        Json.readObject(body)
            .orElseThrow(() -> OpenAiException.invalid(null, "Missing JSON in request"));
    JsonNode model = json.path("model");
    if (!model.isTextual() || model.textValue().isBlank()) {
      throw OpenAiException.invalid("model", "model must be the id of a model, see /v1/models");
    }
    if (json.path("n").asInt(1) != 1) {
      throw OpenAiException.invalid("n", "n must be 1: there is one reply to a request");
    }
    return new Messages(json.path("messages"))
        .request(
            model.textValue(),
            isOn(json, "stream", "stream"),
            isOn(json.path("stream_options"), "include_usage", "stream_options"));
  }

  /** The newest of the history that fit the budget, oldest first. */
  List<Turn> history(int budget) {
    int from = history.size();
    long left = budget;
    while (from > 0 && left >= history.get(from - 1).text().length()) {
      left -= history.get(--from).text().length();
    }
    return history.subList(from, history.size());
  }

  private static boolean isOn(JsonNode json, String name, String param) {
    JsonNode value = json.path(name);
    if (!value.isBoolean() && !value.isNull() && !value.isMissingNode()) {
      throw OpenAiException.invalid(param, name + " must be true or false");
    }
    return value.asBoolean();
  }

  /** The messages, sorted by what becomes of them. */
  private static final class Messages {
    private final StringBuilder context = new StringBuilder();
    private final List<Turn> turns = new ArrayList<>();
    private int last = -1;

    Messages(JsonNode messages) {
      if (!messages.isArray() || messages.isEmpty()) {
        throw OpenAiException.invalid("messages", "messages must be an array with messages in it");
      }
      for (int i = 0; i < messages.size(); i++) {
        add(messages.get(i), "messages[" + i + "]");
      }
    }

    CompletionRequest request(String model, boolean stream, boolean includeUsage) {
      if (last < 0) {
        throw OpenAiException.invalid("messages", "messages must have one of the role user");
      }
      List<Turn> before = List.copyOf(turns.subList(0, last));
      String text = turns.get(last).text();
      if (text.isBlank()) {
        throw OpenAiException.invalid("messages", "The last message of the user is empty");
      }
      if (Fields.isTooLong(text, MAX_MESSAGE)) {
        throw OpenAiException.invalid(
            "messages", "The last message must be at most " + MAX_MESSAGE + " characters long");
      }
      return new CompletionRequest(model, context.toString(), before, text, stream, includeUsage);
    }

    private void add(JsonNode message, String param) {
      String text = text(message.path("content"), param + ".content");
      switch (message.path("role").asText()) {
        case "system", "developer" -> context.append(context.isEmpty() ? "" : "\n\n").append(text);
        case "user" -> {
          last = turns.size();
          turns.add(new Turn(true, text));
        }
        case "assistant" -> turns.add(new Turn(false, text));
        case "tool", "function" -> turns.add(new Turn(true, "A tool answered:\n" + text));
        default ->
            throw OpenAiException.invalid(
                param + ".role",
                param + ".role must be system, developer, user, assistant or tool");
      }
    }

    private static String text(JsonNode content, String param) {
      StringBuilder text = new StringBuilder();
      if (content.isTextual()) {
        text.append(content.textValue());
      } else if (content.isArray()) {
        content.forEach(part -> text.append(textOf(part, param)));
      } else if (!content.isNull() && !content.isMissingNode()) {
        throw OpenAiException.invalid(param, param + " must be a string or an array of parts");
      }
      try {
        return Fields.checked(param, text.toString(), Integer.MAX_VALUE);
      } catch (ApiException e) {
        throw OpenAiException.invalid(param, e.getMessage());
      }
    }

    private static String textOf(JsonNode part, String param) {
      String type = part.path("type").asText();
      JsonNode text = part.path(type.equals("refusal") ? "refusal" : "text");
      if (!(type.equals("text") || type.equals("refusal")) || !text.isTextual()) {
        throw OpenAiException.invalid(
            param, param + " must be text: pictures, sound and files cannot be sent");
      }
      return text.textValue();
    }
  }
}
