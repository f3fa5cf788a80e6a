package io.coterie.model;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

/** What the three kinds of providers send, byte for byte as their documentation shows it. */
public enum WireFormat {

  /**
   * Chat completion chunks; the last but one carries the usage where the request asks for it.
   *
   * <p>Source: <a href="https://platform.openai.com/docs/api-reference/chat-streaming">Chat
   * completions, streaming</a>; errors: <a
   * href="https://platform.openai.com/docs/guides/error-codes">Error codes</a>.
   */
  OPENAI(Provider.Type.OPENAI, "/chat/completions", "text/event-stream") {
    @Override
    public String begin() {
      return chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null");
    }

    @Override
    public String text(String text) {
      return chunk("{\"content\":" + quote(text) + "}", "null");
    }

    @Override
    public String toolCall(String id, String name, String arguments) {
      String half = quote(arguments.substring(0, arguments.length() / 2));
      String rest = quote(arguments.substring(arguments.length() / 2));
      return chunk(
              "{\"tool_calls\":[{\"index\":0,\"id\":%s,\"type\":\"function\",\"function\":{\"name\":%s,\"arguments\":%s}}]}"
                  .formatted(quote(id), quote(name), half),
              "null")
          + chunk(
              "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":%s}}]}".formatted(rest),
              "null")
          + chunk("{}", "\"tool_calls\"");
    }

    @Override
    public String end(int input, int output) {
      return endWithoutUsage()
          .replace(
              "data: [DONE]",
              """
              data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1694268190,"model":"m","choices":[],"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}}

              data: [DONE]"""
                  .formatted(input, output, input + output));
    }

    @Override
    public String endWithoutUsage() {
      return chunk("{}", "\"stop\"") + "data: [DONE]\n\n";
    }

    @Override
    public String error(String type, String message) {
      return "data: " + errorBody(type, message) + "\n\n";
    }

    @Override
    public String errorBody(String type, String message) {
      return "{\"error\":{\"message\":%s,\"type\":%s,\"param\":null,\"code\":%s}}"
          .formatted(quote(message), quote(type), quote(type));
    }

    private String chunk(String delta, String finishReason) {
      return """
      data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1694268190,"model":"m","system_fingerprint":"fp_1","choices":[{"index":0,"delta":%s,"logprobs":null,"finish_reason":%s}]}

      """
          .formatted(delta, finishReason);
    }
  },

  /**
   * Messages events.
   *
   * <p>Source: <a href="https://docs.anthropic.com/en/docs/build-with-claude/streaming">Streaming
   * messages</a>; errors: <a href="https://docs.anthropic.com/en/api/errors">Errors</a>.
   */
  ANTHROPIC(Provider.Type.ANTHROPIC, "/messages", "text/event-stream") {
    @Override
    public String begin() {
      return event(
              "message_start",
              "\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"model\":\"m\",\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}")
          + event(
              "content_block_start",
              "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}")
          + "event: ping\ndata: {\"type\": \"ping\"}\n\n";
    }

    @Override
    public String text(String text) {
      return event(
          "content_block_delta",
          "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":" + quote(text) + "}");
    }

    @Override
    public String toolCall(String id, String name, String arguments) {
      return event("content_block_stop", "\"index\":0")
          + event(
              "content_block_start",
              "\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":%s,\"name\":%s,\"input\":{}}"
                  .formatted(quote(id), quote(name)))
          + toolInput(arguments.substring(0, arguments.length() / 2))
          + toolInput(arguments.substring(arguments.length() / 2))
          + event("content_block_stop", "\"index\":1");
    }

    private String toolInput(String part) {
      return event(
          "content_block_delta",
          "\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":%s}"
              .formatted(quote(part)));
    }

    @Override
    public String end(int input, int output) {
      return event("content_block_stop", "\"index\":0")
          + event(
              "message_delta",
              "\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"input_tokens\":%d,\"output_tokens\":%d}"
                  .formatted(input, output))
          + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    }

    @Override
    public String endWithoutUsage() {
      return event("content_block_stop", "\"index\":0")
          + event(
              "message_delta", "\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null}")
          + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    }

    @Override
    public String error(String type, String message) {
      return "event: error\ndata: " + errorBody(type, message) + "\n\n";
    }

    @Override
    public String errorBody(String type, String message) {
      return "{\"type\":\"error\",\"error\":{\"type\":%s,\"message\":%s}}"
          .formatted(quote(type), quote(message));
    }

    private String event(String name, String fields) {
      return "event: %s\ndata: {\"type\":\"%s\",%s}\n\n".formatted(name, name, fields);
    }
  },

  /**
   * One JSON object per line.
   *
   * <p>Source: <a
   * href="https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-chat-completion">Generate
   * a chat completion</a>; errors, also in the middle of a stream: <a
   * href="https://docs.ollama.com/api/errors">Errors</a>.
   */
  OLLAMA(Provider.Type.OLLAMA, "/api/chat", "application/x-ndjson") {
    @Override
    public String begin() {
      return "";
    }

    @Override
    public String text(String text) {
      return line("{\"role\":\"assistant\",\"content\":" + quote(text) + "}", "\"done\":false");
    }

    @Override
    public String toolCall(String id, String name, String arguments) {
      return line(
          "{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"id\":%s,\"function\":{\"index\":0,\"name\":%s,\"arguments\":%s}}]}"
              .formatted(quote(id), quote(name), arguments),
          "\"done\":false");
    }

    @Override
    public String end(int input, int output) {
      return line(
          "{\"role\":\"assistant\",\"content\":\"\"}",
          "\"done_reason\":\"stop\",\"done\":true,\"total_duration\":4883583458,\"load_duration\":1334875,\"prompt_eval_count\":%d,\"prompt_eval_duration\":342546000,\"eval_count\":%d,\"eval_duration\":4535599000"
              .formatted(input, output));
    }

    @Override
    public String endWithoutUsage() {
      return line(
          "{\"role\":\"assistant\",\"content\":\"\"}", "\"done_reason\":\"stop\",\"done\":true");
    }

    @Override
    public String error(String type, String message) {
      return errorBody(type, message) + "\n";
    }

    @Override
    public String errorBody(String type, String message) {
      return "{\"error\":" + quote(message) + "}";
    }

    private String line(String message, String rest) {
      return "{\"model\":\"m\",\"created_at\":\"2023-08-04T08:52:19.385406455-07:00\",\"message\":%s,%s}\n"
          .formatted(message, rest);
    }
  };

  private final Provider.Type type;
  private final String path;
  private final String contentType;

  WireFormat(Provider.Type type, String path, String contentType) {
    this.type = type;
    this.path = path;
    this.contentType = contentType;
  }

  public Provider.Type type() {
    return type;
  }

  /** Where requests go, below the provider's base URL. */
  public String path() {
    return path;
  }

  public String contentType() {
    return contentType;
  }

  /** What comes before the first text. */
  public abstract String begin();

  /** A piece of text. */
  public abstract String text(String text);

  /** A whole tool call, which may come in several pieces; {@code arguments} is a JSON object. */
  public abstract String toolCall(String id, String name, String arguments);

  /** The end of the reply with the tokens used. */
  public abstract String end(int inputTokens, int outputTokens);

  /** The end of the reply as servers send it that do not count tokens. */
  public abstract String endWithoutUsage();

  /** An error in the middle of the stream. */
  public abstract String error(String type, String message);

  /** The body of an error status. */
  public abstract String errorBody(String type, String message);

  static String quote(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }
}
