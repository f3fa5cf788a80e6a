package io.coterie.chat;

import java.util.Set;
import java.util.UUID;

/**
 * Carries the events of a chat to whoever follows it. Events of one chat arrive in the order in
 * which they were published; a publisher never waits for a follower.
 *
 * <p>Implementations are thread-safe.
 */
public interface EventBus {

  /** Follows one chat. Called on the publisher's thread: must not block and must not throw. */
  interface Listener {
    void onEvent(ChatEvent event);

    /** The chat has nothing more to say to this follower. */
    void onClose(CloseReason reason);
  }

  /** Ends one {@link #subscribe}; doing it twice is harmless. */
  interface Subscription {
    void cancel();
  }

  Subscription subscribe(UUID chatId, Listener listener);

  void publish(UUID chatId, ChatEvent event);

  /** The chats that somebody here follows. */
  Set<UUID> followed();

  /** Tells every follower of the chat that this is the end. */
  void close(UUID chatId, CloseReason reason);
}
