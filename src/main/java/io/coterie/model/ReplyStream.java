package io.coterie.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.http.client.sse.ServerSentEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads a reply's body as it comes: bytes to lines, lines to events, and from the events whether
 * the reply is whole. LangChain4j does not look for the last: it takes any end of an OpenAI stream
 * for a complete reply, and waits for ever for the end of the two others'. Tool calls pass through
 * {@link ToolCallStream}.
 *
 * <p>OpenAI and Anthropic send server-sent events (WHATWG HTML, section 9.2.6), Ollama sends one
 * JSON object per line. Lines are decoded whole, so that a character may be split between packets.
 * Not thread-safe.
 */
final class ReplyStream {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Anthropic adds kinds of events over time and asks clients to pass over unknown ones. */
  private static final Set<String> ANTHROPIC_EVENTS =
      Set.of(
          "message_start",
          "content_block_start",
          "content_block_delta",
          "content_block_stop",
          "message_delta",
          "message_stop");

  private final Provider.Type type;
  private final Consumer<ServerSentEvent> events;
  private final ByteLines lines = new ByteLines();
  private final ToolCallStream toolCalls = new ToolCallStream();
  private final StringBuilder data = new StringBuilder();
  private boolean hasData;
  private String eventName;
  private boolean whole;
  private volatile boolean ended;

  ReplyStream(Provider.Type type, Consumer<ServerSentEvent> events) {
    this.type = type;
    this.events = events;
  }

  /** Whether all that the reply consists of has come. */
  boolean isWhole() {
    return whole;
  }

  /** Whether the end marker has come; nothing of interest follows. For any thread. */
  boolean isEnded() {
    return ended;
  }

  /**
   * Takes the next bytes and passes on the events they complete.
   *
   * @throws CallFailure where the provider reports an error or the bytes are not in its format
   */
  void read(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      while (buffer.hasRemaining() && !ended) {
        if (lines.take(buffer)) {
          line(lines.next());
        }
      }
    }
  }

  /** Takes the end of the body, which may lack its last line break. */
  void finish() {
    if (!ended && !lines.isEmpty()) {
      line(lines.next());
    }
    if (!ended && hasData) {
      line("");
    }
    if (!ended && whole) {
      sendToolCalls();
    }
  }

  private void line(String line) {
    if (type == Provider.Type.OLLAMA) {
      if (!line.isBlank()) {
        event(null, line);
      }
    } else if (line.isEmpty()) {
      if (hasData) {
        String name = eventName;
        String payload = data.toString();
        data.setLength(0);
        hasData = false;
        eventName = null;
        event(name, payload);
      }
      eventName = null;
    } else {
      field(line);
    }
  }

  private void field(String line) {
    int colon = line.indexOf(':');
    String field = colon < 0 ? line : line.substring(0, colon);
    String value = colon < 0 ? "" : line.substring(colon + 1);
    if (value.startsWith(" ")) {
      value = value.substring(1);
    }
    if (field.equals("data")) {
      data.append(hasData ? "\n" : "").append(value);
      hasData = true;
    } else if (field.equals("event")) {
      eventName = value;
    } else if (line.startsWith("{")) {
      // Some servers answer 200 with a bare error object where a stream was asked for.
      event(eventName, line);
    }
  }

  private void event(String name, String payload) {
    if (payload.isBlank()) {
      return;
    }
    if (payload.strip().equals("[DONE]")) {
      if (type == Provider.Type.OPENAI) {
        sendToolCalls();
        whole = true;
        ended = true;
      }
      return;
    }
    JsonNode json = parse(payload);
    if ("error".equals(name) || json.hasNonNull("error")) {
      throw new CallFailure(CallFailure.Kind.REPORTED, payload);
    }
    switch (type) {
      case OPENAI -> {
        JsonNode choice = json.path("choices").path(0);
        if (choice.has("message") && !choice.has("delta")) {
          throw new CallFailure(CallFailure.Kind.UNREADABLE, "The reply came whole, not streamed");
        }
        boolean taken = toolCalls.takeFrom(json);
        boolean finished = json.path("choices").path(0).hasNonNull("finish_reason");
        if (finished) {
          sendToolCalls();
        }
        events.accept(new ServerSentEvent(name, taken ? json.toString() : payload));
        whole |= finished;
      }
      case OLLAMA -> {
        boolean mended = toolCalls.mend(json);
        end(json.path("done").asBoolean());
        events.accept(new ServerSentEvent(null, mended ? json.toString() : payload));
      }
      case ANTHROPIC -> {
        // The payload repeats the event's name; gateways that drop the one keep the other.
        String kind = json.path("type").asText(name);
        if (ANTHROPIC_EVENTS.contains(kind)) {
          JsonNode before = toolCalls.before(json);
          if (before != null) {
            events.accept(new ServerSentEvent("content_block_delta", before.toString()));
          }
          end(kind.equals("message_stop"));
          events.accept(new ServerSentEvent(kind, payload));
        }
      }
    }
  }

  private void sendToolCalls() {
    JsonNode chunk = toolCalls.nextChunk();
    if (chunk != null) {
      events.accept(new ServerSentEvent(null, chunk.toString()));
    }
  }

  /** Before the event is told of: whoever hears of the whole reply may cancel what is over. */
  private void end(boolean isEnd) {
    whole = isEnd;
    ended = isEnd;
  }

  private static JsonNode parse(String payload) {
    JsonNode json;
    try {
      json = JSON.readTree(payload);
    } catch (JsonProcessingException e) {
      // Without the cause: Jackson quotes the input, which may be long.
      throw new CallFailure(CallFailure.Kind.UNREADABLE, "An event of the reply is no JSON");
    }
    if (!json.isObject()) {
      throw new CallFailure(CallFailure.Kind.UNREADABLE, "An event of the reply is no object");
    }
    return json;
  }

  /** Collects bytes up to a line end: LF, CR, or both. */
  private static final class ByteLines {
    private byte[] bytes = new byte[512];
    private int length;
    private boolean afterReturn;
    private boolean atStart = true;

    /** Takes bytes up to the next line end; true when there is one. */
    boolean take(ByteBuffer buffer) {
      while (buffer.hasRemaining()) {
        byte next = buffer.get();
        boolean skip = afterReturn && next == '\n';
        afterReturn = next == '\r';
        if (skip) {
          continue;
        }
        if (next == '\n' || next == '\r') {
          return true;
        }
        if (length == bytes.length) {
          bytes = java.util.Arrays.copyOf(bytes, length * 2);
        }
        bytes[length++] = next;
      }
      return false;
    }

    boolean isEmpty() {
      return length == 0;
    }

    String next() {
      String line = new String(bytes, 0, length, StandardCharsets.UTF_8);
      length = 0;
      if (atStart && line.startsWith("\uFEFF")) {
        line = line.substring(1);
      }
      atStart = false;
      return line;
    }
  }
}
