package io.coterie.chat;

import io.coterie.chat.OneTimeStrings.Grant;
import io.coterie.http.Authentication;
import io.coterie.http.Params;
import io.javalin.http.Context;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Collectors;

/** Live chat over server-sent events, and polling. Thread-safe. */
public final class ChatStream {

  private static final int POLL_LIMIT = 1_000;

  private final ChatFeed feed;
  private final OneTimeStrings strings;
  private final ChatAccess access;
  private final Connections connections;
  private final long maxOutbox;

  ChatStream(
      ChatFeed feed,
      OneTimeStrings strings,
      ChatAccess access,
      Connections connections,
      long maxOutbox) {
    this.feed = feed;
    this.strings = strings;
    this.access = access;
    this.connections = connections;
    this.maxOutbox = maxOutbox;
  }

  /**
   * Events of a chat, for the holder of a token or of a connection string: streamed, or with {@code
   * poll=1} at once.
   */
  public void events(Context ctx) {
    Optional<String> string = Params.query(ctx, "connection_string");
    boolean byString = Authentication.optionalPrincipal(ctx).isEmpty() && string.isPresent();
    if (!byString) {
      // Refuses strangers before it looks at what they ask for.
      Authentication.principal(ctx);
    }
    String chat = Params.required(ctx, "chat_id", "Missing chat id");
    OptionalLong since = ChatAccess.since(ctx);
    if (byString) {
      Grant grant = access.redeemed(chat, string.get(), strings);
      events(ctx, grant.chatId(), since, grant.holder());
    } else {
      events(ctx, access.owned(ctx, chat), since, Holder.of(Authentication.principal(ctx)));
    }
  }

  private void events(Context ctx, UUID chatId, OptionalLong since, Holder holder) {
    if (Params.isOn(ctx, "poll")) {
      poll(ctx, chatId, since);
    } else {
      SseResponse.send(ctx, connections, maxOutbox, holder, out -> feed.follow(chatId, since, out));
    }
  }

  /**
   * Answers with what there is; {@code last_seq} is where to go on, also where not all fits one
   * answer.
   */
  private void poll(Context ctx, UUID chatId, OptionalLong since) {
    long last = feed.lastSeq(chatId).orElseThrow(ChatService::chatNotFound);
    List<ChatEvent> events = feed.poll(chatId, since.orElse(last), POLL_LIMIT);
    long next = events.stream().mapToLong(ChatEvent::seq).filter(seq -> seq > 0).max().orElse(last);
    String array = events.stream().map(ChatEvent::frame).collect(Collectors.joining(",", "[", "]"));
    ctx.contentType("application/json")
        .result("{\"events\":" + array + ",\"last_seq\":" + next + "}");
  }
}
