package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class InProcessEventBusTest extends EventBusContract {

  @Override
  EventBus create() {
    return new InProcessEventBus();
  }

  @Test
  void followedChats_isZeroWhenAllHaveLeft() {
    InProcessEventBus bus = new InProcessEventBus();
    Outbox.Wire nowhere =
        new Outbox.Wire() {
          @Override
          public void write(ChatEvent event, Runnable done) {
            done.run();
          }

          @Override
          public void close(CloseReason reason) {}
        };
    UUID chat = UUID.randomUUID();
    EventBus.Listener listener = ChatFeed.listener(new Outbox(nowhere, 100));
    EventBus.Subscription one = bus.subscribe(chat, listener);
    EventBus.Subscription two = bus.subscribe(chat, ChatFeed.listener(new Outbox(nowhere, 100)));
    assertThat(bus.followedChats()).isEqualTo(1);
    one.cancel();
    one.cancel();
    assertThat(bus.followedChats()).isEqualTo(1);
    two.cancel();
    assertThat(bus.followedChats()).isZero();
  }
}
