package io.coterie.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * What clients of a chat are told: what they have missed, then what happens, each event once and in
 * order, nothing of which a crash can take back. Thread-safe.
 */
final class ChatFeed {

  private static final int PAGE = 200;

  private final ChatLog log;
  private final EventBus bus;
  private final ChatRuns runs;

  ChatFeed(ChatLog log, EventBus bus, ChatRuns runs) {
    this.log = log;
    this.bus = bus;
    this.runs = runs;
  }

  /**
   * Lets an outbox follow a chat: {@code ready}, then what it has missed, then the reply in
   * progress, then what happens.
   *
   * @param since the last number the client has seen; without it, it gets what happens from now on
   */
  void follow(UUID chatId, OptionalLong since, Outbox out) {
    Optional<Long> last = log.lastSeq(chatId);
    if (last.isEmpty()) {
      out.close(CloseReason.CHAT_GONE);
      return;
    }
    boolean recovered = since.isEmpty() || since.getAsLong() <= last.get();
    out.force(ChatEvent.unstored(Events.READY, new Events.Ready(chatId, last.get(), recovered)));
    if (since.isPresent() && recovered) {
      catchUp(chatId, since.getAsLong(), out);
    } else {
      goLive(chatId, last.get(), out);
    }
  }

  /** What a poll answers: the stored events after a number, and the reply in progress. */
  List<ChatEvent> poll(UUID chatId, long since, int limit) {
    return log.locked(
        chatId,
        () -> {
          List<ChatEvent> events = new ArrayList<>(log.after(chatId, since, limit));
          if (events.size() < limit) {
            runs.inProgress(chatId).ifPresent(events::add);
          }
          return events;
        });
  }

  /** Reads what is stored of a chat, nothing of which a crash can take back. */
  <T> T read(UUID chatId, Supplier<T> reading) {
    return log.locked(chatId, reading);
  }

  Optional<Long> lastSeq(UUID chatId) {
    return log.lastSeq(chatId);
  }

  private void catchUp(UUID chatId, long from, Outbox out) {
    List<ChatEvent> page = log.after(chatId, from, PAGE);
    page.forEach(out::force);
    long last = page.isEmpty() ? from : page.get(page.size() - 1).seq();
    if (page.size() == PAGE) {
      out.whenDrained(() -> catchUp(chatId, last, out));
    } else {
      goLive(chatId, last, out);
    }
  }

  private void goLive(UUID chatId, long from, Outbox out) {
    log.locked(
        chatId,
        () -> {
          Optional<Boolean> disabled = log.ownerDisabled(chatId);
          if (disabled.isEmpty() || disabled.get()) {
            out.close(disabled.isEmpty() ? CloseReason.CHAT_GONE : CloseReason.USER_GONE);
            return null;
          }
          log.after(chatId, from, Integer.MAX_VALUE).forEach(out::force);
          runs.inProgress(chatId).ifPresent(out::force);
          EventBus.Subscription subscription = bus.subscribe(chatId, listener(out));
          out.whenClosed(subscription::cancel);
          return null;
        });
  }

  static EventBus.Listener listener(Outbox out) {
    return new EventBus.Listener() {
      @Override
      public void onEvent(ChatEvent event) {
        out.offer(event);
      }

      @Override
      public void onClose(CloseReason reason) {
        out.close(reason);
      }
    };
  }
}
