package io.coterie.model;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.List;
import java.util.StringJoiner;

/** What the three kinds of providers send, byte for byte as their documentation shows it. */
public enum WireFormat {

  /**
   * Chat completion chunks; the last but one carries the usage where the request asks for it.
   *
   * <p>Source: <a href="https://platform.openai.com/docs/api-reference/chat-streaming">Chat
   * completions, streaming</a>; tool calls: <a
   * href="https://platform.openai.com/docs/guides/function-calling#streaming">Function calling,
   * streaming</a>; errors: <a href="https://platform.openai.com/docs/guides/error-codes">Error
   * codes</a>.
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
    public String toolCalls(List<ToolCall> calls) {
      StringBuilder chunks = new StringBuilder();
      for (int i = 0; i < calls.size(); i++) {
        ToolCall call = calls.get(i);
        chunks.append(
            chunk(
                "{\"tool_calls\":[{\"index\":%d,\"id\":%s,\"type\":\"function\",\"function\":{\"name\":%s,\"arguments\":\"\"}}]}"
                    .formatted(i, quote(call.id()), quote(call.name())),
                "null"));
        for (String piece : call.pieces()) {
          chunks.append(
              chunk(
                  "{\"tool_calls\":[{\"index\":%d,\"function\":{\"arguments\":%s}}]}"
                      .formatted(i, quote(piece)),
                  "null"));
        }
      }
      return chunks.toString();
    }

    @Override
    public String endWithToolCalls(int input, int output) {
      return end(input, output)
          .replace("\"finish_reason\":\"stop\"", "\"finish_reason\":\"tool_calls\"");
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
   * messages</a>, there also the request with tool use; errors: <a
   * href="https://docs.anthropic.com/en/api/errors">Errors</a>.
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
    public String toolCalls(List<ToolCall> calls) {
      StringBuilder events = new StringBuilder(event("content_block_stop", "\"index\":0"));
      for (int i = 1; i <= calls.size(); i++) {
        ToolCall call = calls.get(i - 1);
        events.append(
            event(
                "content_block_start",
                "\"index\":%d,\"content_block\":{\"type\":\"tool_use\",\"id\":%s,\"name\":%s,\"input\":{}}"
                    .formatted(i, quote(call.id()), quote(call.name()))));
        for (String piece : call.pieces()) {
          events.append(
              event(
                  "content_block_delta",
                  "\"index\":%d,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":%s}"
                      .formatted(i, quote(piece))));
        }
        events.append(event("content_block_stop", "\"index\":" + i));
      }
      return events.toString();
    }

    @Override
    public String endWithToolCalls(int input, int output) {
      String end = end(input, output).replace("end_turn", "tool_use");
      return end.substring(end.indexOf("event: message_delta"));
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
   * a chat completion</a>; tool calls: <a
   * href="https://docs.ollama.com/capabilities/tool-calling">Tool calling</a>; errors, also in the
   * middle of a stream: <a href="https://docs.ollama.com/api/errors">Errors</a>.
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
    public String toolCalls(List<ToolCall> calls) {
      StringJoiner each = new StringJoiner(",");
      for (int i = 0; i < calls.size(); i++) {
        ToolCall call = calls.get(i);
        String arguments = String.join("", call.pieces());
        each.add(
            "{\"id\":%s,\"function\":{\"index\":%d,\"name\":%s,\"arguments\":%s}}"
                .formatted(
                    quote(call.id()),
                    i,
                    quote(call.name()),
                    arguments.isEmpty() ? "{}" : arguments));
      }
      return line(
          "{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[" + each + "]}",
          "\"done\":false");
    }

    @Override
    public String endWithToolCalls(int input, int output) {
      return end(input, output);
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

  /** Tool calls, after {@link #begin} and perhaps a text; nothing but the end comes after them. */
  public abstract String toolCalls(List<ToolCall> calls);

  /** The end of a reply with tool calls, with the tokens used. */
  public abstract String endWithToolCalls(int inputTokens, int outputTokens);

  /** A whole reply that says {@code text}, or nothing where it is empty, and asks for tools. */
  public ScriptedProvider.Script asking(String text, ToolCall... calls) {
    return line -> {
      line.open(this);
      if (!text.isEmpty()) {
        line.send(text(text));
      }
      line.send(toolCalls(List.of(calls))).send(endWithToolCalls(7, 3)).end();
    };
  }

  /** The end of the reply with the tokens used. */
  public abstract String end(int inputTokens, int outputTokens);

  /** The end of the reply as servers send it that do not count tokens. */
  public abstract String endWithoutUsage();

  /** An error in the middle of the stream. */
  public abstract String error(String type, String message);

  /** The body of an error status. */
  public abstract String errorBody(String type, String message);

  /** A JSON string; half a surrogate pair, which has no UTF-8 form, is escaped. */
  static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              if (Character.getType(c) == Character.SURROGATE) {
                quoted.append("\\u%04x".formatted(c));
              } else {
                quoted.append(JsonStringEncoder.getInstance().quoteAsString(Character.toString(c)));
              }
            });
    return quoted.append('"').toString();
  }
}
