package io.coterie.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.coterie.text.Texts;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What a provider says went wrong, in whichever shape: {@code {"error":{"message","type","code"}}}
 * (OpenAI, Anthropic), {@code {"error":"…"}} (Ollama), {@code {"message"}} or {@code {"detail"}}
 * (gateways), or plain text.
 *
 * @param message fit to be shown: one line, at most {@value #MAX_MESSAGE} characters, no keys;
 *     empty where the provider gave none
 * @param marks its type and code, in lower case, to look for known words in
 * @param code where the code is a number, the HTTP status it stands for; else 0
 */
record ProviderError(String message, String marks, int code) {

  static final int MAX_MESSAGE = 300;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern BLANKS = Pattern.compile("[\\s\\p{Cntrl}\\p{Cf}]+");
  private static final Pattern KEYS =
      Pattern.compile("(?i)\\b(sk|pk|rk|key)-[a-z0-9_*-]{6,}|\\bbearer\\s+\\S+");

  private static final Pattern TOOLS_REFUSED =
      Pattern.compile(
          "(?i)\\b(?:does not|doesn't) support (?:tool|function)"
              + "|\\bendpoints? found that supports? tool"
              + "|\\b(?:tools?|tool[ _-](?:use|choice|call(?:s|ing)?)|functions?(?: call(?:s|ing)?)?)\\W*"
              + "(?: param(?:eter)?)? (?:is|are) not supported"
              + "|\\btools? (?:param|choice) requires --");

  static ProviderError parse(String body) {
    String text = body == null ? "" : body.strip();
    JsonNode json;
    try {
      json = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      json = null;
    }
    if (json == null || !json.isContainerNode()) {
      // A page of markup, from a proxy as a rule, tells people nothing.
      return new ProviderError(text.startsWith("<") ? "" : tidy(text), "", 0);
    }
    if (json.isArray()) {
      json = json.path(0);
    }
    JsonNode error = json.path("error");
    JsonNode details = error.isObject() ? error : json;
    String message =
        error.isTextual() ? error.asText() : firstText(details, "message", "detail", "msg");
    String marks = details.path("type").asText() + " " + details.path("code").asText();
    return new ProviderError(
        tidy(message), marks.toLowerCase(Locale.ROOT), details.path("code").asInt(0));
  }

  private static String firstText(JsonNode node, String... names) {
    for (String name : names) {
      if (node.path(name).isTextual()) {
        return node.path(name).asText();
      }
    }
    return "";
  }

  /** One line of at most {@link #MAX_MESSAGE} characters without anything that looks like a key. */
  static String tidy(String text) {
    String line = BLANKS.matcher(text).replaceAll(" ");
    return Texts.oneLine(KEYS.matcher(line).replaceAll("[key]"), MAX_MESSAGE);
  }

  /** Whether its type, its code or its message holds one of {@code words}. */
  boolean says(String... words) {
    String all = marks + " " + message.toLowerCase(Locale.ROOT);
    for (String word : words) {
      if (all.contains(word)) {
        return true;
      }
    }
    return false;
  }

  /** Whether tools are what the model cannot do; each server has words of its own for that. */
  boolean refusesTools() {
    return TOOLS_REFUSED.matcher(message).find();
  }

  /** Whether its type or code holds one of {@code words}. */
  boolean isMarked(String... words) {
    for (String word : words) {
      if (marks.contains(word)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the conversation is too long for the model. */
  boolean isTooLong() {
    return says(
        "context_length",
        "context length",
        "context window",
        "context size",
        "context limit",
        "exceed_context_size",
        "maximum context",
        "maximum prompt length",
        "prompt is too long",
        "input is too long",
        "request_too_large",
        "reduce the length",
        "exceeds the maximum number of tokens",
        "too many tokens");
  }

  /**
   * Whether a quota or a credit is used up, so that only its owner can help: OpenAI marks it,
   * Anthropic says it of an invalid request, Ollama of too many. Google calls a passing limit a
   * quota too, and then says when to come back.
   */
  boolean isUsedUp() {
    return isMarked("insufficient_quota", "insufficient_balance", "billing", "usage_limit")
        || says("credit balance", "usage limit", "spend limit", "insufficient balance")
        || (says("exceeded your current quota") && !says("retry in"));
  }
}
