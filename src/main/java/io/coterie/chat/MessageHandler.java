package io.coterie.chat;

import io.coterie.http.ApiException;
import io.coterie.http.Fields;
import io.coterie.http.Params;
import io.coterie.storage.Database;
import io.coterie.storage.Ids;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Messages without a socket: sending, retrying, cancelling, and reading what was said. Thread-safe.
 */
public final class MessageHandler {

  private static final int DEFAULT_PAGE = 50;
  private static final String MISSING_CHAT = "Missing chat id";

  private final ChatService chats;
  private final ChatFeed feed;
  private final LogDao messages;
  private final ChatAccess access;
  private final AnswerHandler answers;

  MessageHandler(
      ChatService chats,
      ChatFeed feed,
      Database database,
      ChatAccess access,
      AnswerHandler answers) {
    this.chats = chats;
    this.feed = feed;
    this.messages = database.reader(LogDao.class);
    this.access = access;
    this.answers = answers;
  }

  public void post(Context ctx) {
    Fields fields = Fields.of(ctx);
    String chat = fields.required("chat_id", Integer.MAX_VALUE, MISSING_CHAT);
    String text = fields.required("message", ClientEvents.MAX_MESSAGE, "Missing message parameter");
    UUID chatId = access.owned(ctx, chat);
    answers.answer(ctx, follower -> chats.post(chatId, text, follower));
  }

  public void retry(Context ctx) {
    UUID chatId = access.ownedByQuery(ctx);
    answers.answer(ctx, follower -> chats.retry(chatId, follower));
  }

  public void cancel(Context ctx) {
    Params.required(ctx, "chat_id", MISSING_CHAT);
    Optional<String> run =
        Params.query(ctx, "run_id").or(() -> bodyOf(ctx).optional("run_id", Integer.MAX_VALUE));
    UUID chatId = access.ownedByQuery(ctx);
    boolean cancelled =
        run.isEmpty()
            ? chats.cancel(chatId, null)
            : Ids.parse(run.get()).map(runId -> chats.cancel(chatId, runId)).orElse(false);
    ctx.json(Map.of("msg", cancelled ? "Run cancelled" : "Nothing to cancel"));
  }

  /** Somebody who meant one run and mistyped the body must not lose all. */
  private static Fields bodyOf(Context ctx) {
    return Fields.ofEmptyOr(ctx);
  }

  public void history(Context ctx) {
    Params.required(ctx, "chat_id", MISSING_CHAT);
    int limit = Params.limit(ctx).orElse(DEFAULT_PAGE);
    if (Params.query(ctx, "before").isPresent() && Params.query(ctx, "after").isPresent()) {
      throw ApiException.badRequest("before and after cannot be used together");
    }
    UUID chatId = access.ownedByQuery(ctx);
    Optional<Long> after = cursor(ctx, chatId, "after");
    Optional<Long> before = cursor(ctx, chatId, "before");
    List<MessageRow> page =
        feed.read(
            chatId,
            () ->
                new ArrayList<>(
                    after.isPresent()
                        ? messages.messagesAfter(chatId, after.get(), limit + 1)
                        : messages.messagesBefore(
                            chatId, before.orElse(Long.MAX_VALUE), limit + 1)));
    boolean hasMore = page.size() > limit;
    if (hasMore) {
      page.remove(limit);
    }
    if (after.isEmpty()) {
      Collections.reverse(page);
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("messages", page.stream().map(MessageView::of).toList());
    body.put("has_more", hasMore);
    ctx.json(body);
  }

  private Optional<Long> cursor(Context ctx, UUID chatId, String name) {
    String notFound = "Message not found";
    return Params.id(ctx, name, notFound)
        .map(
            id ->
                messages
                    .seqOfMessage(chatId, id)
                    .orElseThrow(() -> ApiException.notFound(notFound)));
  }
}
