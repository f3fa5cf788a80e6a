package io.coterie.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.ApiException;
import io.coterie.http.Fields;
import io.coterie.http.Json;
import io.coterie.storage.Ids;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a client may send over a live connection. A bad frame is answered with an {@code error}
 * event, and the connection stays. Thread-safe.
 */
final class ClientEvents {

  static final int MAX_MESSAGE = 100_000;

  private static final Logger log = LoggerFactory.getLogger(ClientEvents.class);
  private static final String INVALID_FRAME = "invalid_frame";

  private final ChatService chats;
  private final OneTimeStrings strings;

  ClientEvents(ChatService chats, OneTimeStrings strings) {
    this.chats = chats;
    this.strings = strings;
  }

  /** Handles a frame of text, {@code {"event":…,"data":{…}}}. */
  void receive(UUID chatId, String frame, Outbox out) {
    try {
      ObjectNode json =
          Json.readObject(frame)
              .orElseThrow(() -> invalid("A frame must be a JSON object {\"event\", \"data\"}"));
      JsonNode event = json.get("event");
      if (event == null || !event.isTextual()) {
        throw invalid("event must be a string");
      }
      JsonNode data = json.get("data");
      if (data != null && !data.isNull() && !data.isObject()) {
        throw invalid("data must be an object");
      }
      ObjectNode object = data instanceof ObjectNode o ? o : Json.MAPPER.createObjectNode();
      handle(chatId, event.textValue(), object, out);
    } catch (FrameException e) {
      out.offer(e.event());
    } catch (ApiException e) {
      out.offer(new FrameException(code(e), e.getMessage()).event());
    } catch (RuntimeException e) {
      log.error("chat_id={} a client's frame failed", chatId, e);
      out.offer(new FrameException("internal", "Internal server error").event());
    }
  }

  /** Handles a frame that is no text. */
  void receiveBinary(Outbox out) {
    out.offer(invalid("Binary frames are not understood").event());
  }

  private void handle(UUID chatId, String event, ObjectNode data, Outbox out) {
    switch (event) {
      case "chat_message" -> message(chatId, data);
      case "cancel" -> cancel(chatId, data);
      case "ping" -> out.offer(ChatEvent.unstored(Events.PONG, new Events.Pong()));
      default -> throw new FrameException("unknown_event", "Unknown event");
    }
  }

  private void message(UUID chatId, ObjectNode data) {
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
    chats.post(chatId, message, null);
  }

  private void cancel(UUID chatId, ObjectNode data) {
    String runId = text(data, "run_id");
    if (runId == null) {
      chats.cancel(chatId, null);
    } else {
      Ids.parse(runId).ifPresent(id -> chats.cancel(chatId, id));
    }
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

  private static FrameException invalid(String msg) {
    return new FrameException(INVALID_FRAME, msg);
  }

  private static String code(ApiException e) {
    return e.status() == 429 || e.status() == 503 ? "busy" : INVALID_FRAME;
  }
}
