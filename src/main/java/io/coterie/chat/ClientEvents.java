package io.coterie.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.ApiException;
import io.coterie.http.Fields;
import io.coterie.http.Json;
import io.coterie.storage.CannotStoreException;
import io.coterie.storage.Ids;
import io.coterie.usage.TokenQuota;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a client may send over a live connection. A bad frame is answered with an {@code error}
 * event, and the connection stays. Thread-safe.
 */
final class ClientEvents {

  static final int MAX_MESSAGE = 100_000;

  private static final Logger log = LoggerFactory.getLogger(ClientEvents.class);
  private static final Set<String> EVENTS = Set.of("chat_message", "cancel", "ping");
  private static final String INVALID_FRAME = "invalid_frame";

  private final ChatService chats;
  private final OneTimeStrings strings;

  ClientEvents(ChatService chats, OneTimeStrings strings) {
    this.chats = chats;
    this.strings = strings;
  }

  /** Handles a frame of text, {@code {"event":…,"data":{…}}}. */
  void receive(UUID chatId, String frame, Outbox out) {
    answer(
        chatId,
        out,
        () -> {
          ObjectNode json =
              Json.readObject(frame)
                  .orElseThrow(
                      () -> invalid("A frame must be a JSON object {\"event\", \"data\"}"));
          JsonNode event = json.get("event");
          if (event == null || !event.isTextual()) {
            throw invalid("event must be a string");
          }
          JsonNode data = json.get("data");
          if (data != null && !data.isNull() && !data.isObject()) {
            throw invalid("data must be an object");
          }
          return handle(chatId, event.textValue(), object(data), out);
        });
  }

  /**
   * Handles an event whose data is an object, its JSON as a string, or missing.
   *
   * @return what became of it: what the same call without a socket is answered, or the {@code
   *     error} that the outbox was given
   */
  JsonNode receive(UUID chatId, String event, JsonNode data, Outbox out) {
    return answer(
        chatId,
        out,
        () -> {
          if (!EVENTS.contains(event)) {
            throw unknown();
          }
          JsonNode read =
              data != null && data.isTextual()
                  ? Json.readObject(data.textValue()).orElse(null)
                  : data;
          boolean missing = data == null || data.isNull();
          if (!missing && (read == null || !read.isObject())) {
            throw invalid("data must be an object or its JSON as a string");
          }
          return handle(chatId, event, object(read), out);
        });
  }

  /** Refuses something that no transport should carry. */
  void receiveMalformed(Outbox out) {
    out.offer(invalid("A packet that is malformed or has no place here").event());
  }

  /** Handles a frame that is no text. */
  void receiveBinary(Outbox out) {
    out.offer(invalid("Binary frames are not understood").event());
  }

  private JsonNode answer(UUID chatId, Outbox out, Supplier<JsonNode> handling) {
    ChatEvent refusal;
    try {
      return handling.get();
    } catch (FrameException e) {
      refusal = e.event();
    } catch (TokenQuota.UsedUpException e) {
      refusal = new FrameException("budget_exhausted", e.explanation()).event();
    } catch (ApiException e) {
      refusal = new FrameException(code(e), e.getMessage()).event();
    } catch (CannotStoreException e) {
      ApiException cannotStore = ApiException.cannotStore();
      refusal = new FrameException(code(cannotStore), cannotStore.getMessage()).event();
    } catch (RuntimeException e) {
      log.error("chat_id={} a client's frame failed", chatId, e);
      refusal = new FrameException("internal", "Internal server error").event();
    }
    out.offer(refusal);
    return refusal.json();
  }

  private JsonNode handle(UUID chatId, String event, ObjectNode data, Outbox out) {
    return switch (event) {
      case "chat_message" -> message(chatId, data);
      case "cancel" -> cancel(chatId, data);
      case "ping" -> {
        ChatEvent pong = ChatEvent.unstored(Events.PONG, new Events.Pong());
        out.offer(pong);
        yield pong.json();
      }
      default -> throw unknown();
    };
  }

  private JsonNode message(UUID chatId, ObjectNode data) {
    String other = text(data, "chat_id");
    if (other != null && !other.equals(chatId.toString())) {
      throw invalid("chat_id must be the chat of this connection");
    }
    String message = text(data, "message");
    String string = text(data, "message_string");
    if (message == null) {
      throw new FrameException("missing_message", "Missing message parameter");
    }
    if (Fields.isTooLong(message, MAX_MESSAGE)) {
      throw new FrameException(
          "message_too_long", "message must be at most " + MAX_MESSAGE + " characters long");
    }
    if (!Fields.isStorable(message)) {
      throw invalid("message must be text without NUL characters and unpaired surrogates");
    }
    if (string == null || strings.redeem(OneTimeStrings.Kind.MESSAGE, chatId, string).isEmpty()) {
      throw new FrameException("invalid_message_string", "Invalid message string");
    }
    return chats.post(chatId, message, null).json();
  }

  private JsonNode cancel(UUID chatId, ObjectNode data) {
    String runId = text(data, "run_id");
    boolean cancelled =
        runId == null
            ? chats.cancel(chatId, null)
            : Ids.parse(runId).map(id -> chats.cancel(chatId, id)).orElse(false);
    return Json.MAPPER
        .createObjectNode()
        .put("msg", cancelled ? "Run cancelled" : "Nothing to cancel");
  }

  private static ObjectNode object(JsonNode data) {
    return data instanceof ObjectNode object ? object : Json.MAPPER.createObjectNode();
  }

  /** A string that may be missing: absent, null or blank. */
  private static String text(ObjectNode data, String name) {
    JsonNode value = data.get(name);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isTextual()) {
      throw invalid(name + " must be a string");
    }
    return value.textValue().isBlank() ? null : value.textValue();
  }

  private static FrameException unknown() {
    return new FrameException("unknown_event", "Unknown event");
  }

  private static FrameException invalid(String msg) {
    return new FrameException(INVALID_FRAME, msg);
  }

  private static String code(ApiException e) {
    return e.status() == 429 || e.status() == 503 ? "busy" : INVALID_FRAME;
  }
}
