package io.coterie.chat;

import io.coterie.chat.ChatService.Follower;
import io.coterie.chat.ChatService.Posted;
import io.coterie.http.ApiException;
import io.coterie.http.Fields;
import io.coterie.http.Json;
import io.coterie.http.Params;
import io.coterie.model.RunFailure;
import io.coterie.model.RunFailure.Code;
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
import java.util.concurrent.Executor;
import java.util.function.Function;

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
  private final Connections connections;
  private final Executor responders;
  private final long maxOutbox;

  /**
   * @param responders write the answers that waited for a run, so that no run waits for a slow
   *     client
   */
  MessageHandler(
      ChatService chats,
      ChatFeed feed,
      Database database,
      ChatAccess access,
      Connections connections,
      Executor responders,
      long maxOutbox) {
    this.chats = chats;
    this.feed = feed;
    this.messages = database.reader(LogDao.class);
    this.access = access;
    this.connections = connections;
    this.responders = responders;
    this.maxOutbox = maxOutbox;
  }

  public void post(Context ctx) {
    Fields fields = Fields.of(ctx);
    String chat = fields.required("chat_id", Integer.MAX_VALUE, MISSING_CHAT);
    String text = fields.required("message", ClientEvents.MAX_MESSAGE, "Missing message parameter");
    UUID chatId = access.owned(ctx, chat);
    answer(ctx, follower -> chats.post(chatId, text, follower));
  }

  public void retry(Context ctx) {
    UUID chatId = access.ownedByQuery(ctx);
    answer(ctx, follower -> chats.retry(chatId, follower));
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
    return ctx.bodyAsBytes().length == 0 ? Fields.ofOptional(ctx) : Fields.of(ctx);
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

  private void answer(Context ctx, Function<Follower, Posted> post) {
    if (SseResponse.isWanted(ctx)) {
      stream(ctx, post);
    } else if (Params.isOn(ctx, "wait")) {
      Posted posted = post.apply(null);
      ctx.future(
          () ->
              posted
                  .outcome()
                  .exceptionally(stopping -> null)
                  .thenAcceptAsync(outcome -> answer(ctx, posted, outcome), responders));
    } else {
      accepted(ctx, post.apply(null));
    }
  }

  private static void accepted(Context ctx, Posted posted) {
    ctx.status(202).json(posted.json());
  }

  private void stream(Context ctx, Function<Follower, Posted> post) {
    SseResponse.send(
        ctx,
        connections,
        maxOutbox,
        out -> {
          Posted posted = post.apply((runId, messageId) -> new OfRun(out, runId, messageId));
          var unused = posted.outcome().thenRun(() -> out.close(CloseReason.DONE));
        });
  }

  /**
   * @param outcome null where the server stops before the run's turn: it has its turn at the next
   *     start
   */
  private static void answer(Context ctx, Posted posted, RunOutcome outcome) {
    if (outcome == null) {
      accepted(ctx, posted);
      return;
    }
    switch (outcome.status()) {
      case FAILED -> failed(ctx, posted, outcome.failure());
      case INTERRUPTED ->
          failed(
              ctx,
              posted,
              new RunFailure(Code.INTERNAL, "The reply was interrupted: the server stopped."));
      default -> {
        if (outcome.message() == null) {
          throw ChatService.chatNotFound();
        }
        ctx.json(outcome.message());
      }
    }
  }

  private static void failed(Context ctx, Posted posted, RunFailure failure) {
    ctx.status(502)
        .json(
            Json.MAPPER
                .createObjectNode()
                .put("msg", failure.getMessage())
                .put("code", failure.code().wire())
                .put("message_id", posted.messageId().toString())
                .put("run_id", posted.runId().toString()));
  }

  /**
   * Passes on what belongs to one run. In JSON an unescaped quote ends a string, so no text can
   * pass for a field.
   */
  private static final class OfRun implements EventBus.Listener {
    private final Outbox out;
    private final String run;
    private final String feedback;

    OfRun(Outbox out, UUID runId, UUID messageId) {
      this.out = out;
      this.run = "\"run_id\":\"" + runId + '"';
      this.feedback = "\"message_id\":\"" + messageId + '"';
    }

    @Override
    public void onEvent(ChatEvent event) {
      boolean ofMessage = event.type().equals(Events.FEEDBACK) && event.data().contains(feedback);
      if (ofMessage || event.data().contains(run)) {
        out.offer(event);
      }
    }

    @Override
    public void onClose(CloseReason reason) {
      out.close(reason);
    }
  }
}
