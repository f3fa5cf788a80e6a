package io.coterie.chat;

import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An {@link EventBus} within this process. */
public final class InProcessEventBus implements EventBus {

  private static final Logger log = LoggerFactory.getLogger(InProcessEventBus.class);

  private final Map<UUID, Set<Listener>> followers = new ConcurrentHashMap<>();

  @Override
  public Subscription subscribe(UUID chatId, Listener listener) {
    followers.compute(
        chatId,
        (id, old) -> {
          Set<Listener> listeners = old == null ? ConcurrentHashMap.newKeySet() : old;
          listeners.add(listener);
          return listeners;
        });
    return () ->
        followers.computeIfPresent(
            chatId,
            (id, listeners) -> {
              listeners.remove(listener);
              return listeners.isEmpty() ? null : listeners;
            });
  }

  @Override
  public void publish(UUID chatId, ChatEvent event) {
    tell(chatId, listener -> listener.onEvent(event));
  }

  @Override
  public void close(UUID chatId, CloseReason reason) {
    tell(chatId, listener -> listener.onClose(reason));
  }

  @Override
  public Set<UUID> followed() {
    return Set.copyOf(followers.keySet());
  }

  /** How many chats are followed. */
  public int followedChats() {
    return followers.size();
  }

  /** One follower's failure is not the publisher's, nor another's. */
  private void tell(UUID chatId, Consumer<Listener> news) {
    for (Listener listener : followers.getOrDefault(chatId, Set.of())) {
      try {
        news.accept(listener);
      } catch (RuntimeException e) {
        log.error("chat_id={} a follower failed", chatId, e);
      }
    }
  }
}
