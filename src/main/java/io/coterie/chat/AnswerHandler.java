package io.coterie.chat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.chat.ChatService.Follower;
import io.coterie.chat.ChatService.Posted;
import io.coterie.http.Authentication;
import io.coterie.http.Json;
import io.coterie.http.Params;
import io.coterie.model.RunFailure;
import io.coterie.model.RunFailure.Code;
import io.javalin.http.Context;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Answers the request that sent a message: at once, when the reply is there, or with a stream of
 * the events of its run. Thread-safe.
 */
final class AnswerHandler {

  /**
   * What somebody is told who has waited.
   *
   * @param text the reply, or why there is none
   */
  record Ending(int status, ObjectNode json, String text) {}

  private final Connections connections;
  private final Executor responders;
  private final long maxOutbox;

  /**
   * @param responders write the answers that waited for a run, so that no run waits for a slow
   *     client
   */
  AnswerHandler(Connections connections, Executor responders, long maxOutbox) {
    this.connections = connections;
    this.responders = responders;
    this.maxOutbox = maxOutbox;
  }

  /** Answers in the way that the request asks for. */
  void answer(Context ctx, Function<Follower, Posted> post) {
    if (SseResponse.isWanted(ctx)) {
      stream(ctx, post);
    } else if (Params.isOn(ctx, "wait")) {
      whenEnded(ctx, post.apply(null), ending -> ctx.status(ending.status()).json(ending.json()));
    } else {
      ctx.status(202).json(post.apply(null).json());
    }
  }

  /** Answers with the events of this run alone, and ends after the last. */
  void stream(Context ctx, Function<Follower, Posted> post) {
    SseResponse.send(
        ctx,
        connections,
        maxOutbox,
        Holder.of(Authentication.principal(ctx)),
        out -> {
          Posted posted = post.apply((runId, messageId) -> new OfRun(out, runId, messageId));
          var unused = posted.outcome().thenRun(() -> out.close(CloseReason.DONE));
        });
  }

  /** Answers when the run has ended. */
  void whenEnded(Context ctx, Posted posted, Consumer<Ending> write) {
    ctx.future(
        () ->
            posted
                .outcome()
                .exceptionally(stopping -> null)
                .thenAcceptAsync(outcome -> write.accept(ending(posted, outcome)), responders));
  }

  /**
   * @param outcome null where the server stops before the run's turn: it has its turn at the next
   *     start
   */
  private static Ending ending(Posted posted, RunOutcome outcome) {
    if (outcome == null) {
      return new Ending(202, posted.json(), "The server stops: the reply is made when it is back.");
    }
    return switch (outcome.status()) {
      case FAILED -> failed(posted, outcome.failure());
      case INTERRUPTED ->
          failed(
              posted,
              new RunFailure(Code.INTERNAL, "The reply was interrupted: the server stopped."));
      default -> {
        if (outcome.message() == null) {
          throw ChatService.chatNotFound();
        }
        yield new Ending(
            200, Json.MAPPER.valueToTree(outcome.message()), outcome.message().content());
      }
    };
  }

  private static Ending failed(Posted posted, RunFailure failure) {
    ObjectNode json =
        Json.MAPPER
            .createObjectNode()
            .put("msg", failure.getMessage())
            .put("code", failure.code().wire())
            .put("message_id", posted.messageId().toString())
            .put("run_id", posted.runId().toString());
    return new Ending(502, json, failure.getMessage());
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
