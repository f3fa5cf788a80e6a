package io.coterie.chat;

import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** An {@link EventBus} within this process. */
public final class InProcessEventBus implements EventBus {

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
    followers.getOrDefault(chatId, Set.of()).forEach(listener -> listener.onEvent(event));
  }

  @Override
  public void close(UUID chatId, CloseReason reason) {
    followers.getOrDefault(chatId, Set.of()).forEach(listener -> listener.onClose(reason));
  }
}
