package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.Await;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** What every implementation of {@link EventBus} does. */
abstract class EventBusContract {

  /** A follower that keeps what it is told. */
  private static class Follower implements EventBus.Listener {
    final List<Long> events = Collections.synchronizedList(new ArrayList<>());
    final List<CloseReason> closes = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void onEvent(ChatEvent event) {
      events.add(event.seq());
    }

    @Override
    public void onClose(CloseReason reason) {
      closes.add(reason);
    }

    void await(Long... seqs) {
      Await.until(() -> events.size() >= seqs.length, () -> "there is " + events);
      assertThat(events).containsExactly(seqs);
    }
  }

  private final UUID chat = UUID.randomUUID();
  private final Follower follower = new Follower();
  private EventBus bus;

  abstract EventBus create();

  @BeforeEach
  void open() {
    bus = create();
  }

  private static ChatEvent event(long seq) {
    return new ChatEvent("x", seq, "{}");
  }

  @Test
  void publish_reachesEveryFollowerOfTheChatAndNoOther() {
    Follower second = new Follower();
    Follower elsewhere = new Follower();
    bus.subscribe(chat, follower);
    bus.subscribe(chat, second);
    bus.subscribe(UUID.randomUUID(), elsewhere);
    bus.publish(chat, event(1));
    bus.publish(chat, event(2));
    follower.await(1L, 2L);
    second.await(1L, 2L);
    assertThat(elsewhere.events).isEmpty();
  }

  @Test
  void publish_withoutFollowers_isFine() {
    bus.publish(chat, event(1));
    bus.subscribe(chat, follower);
    bus.publish(chat, event(2));
    follower.await(2L);
  }

  @Test
  void cancel_endsOneSubscription_twiceIsHarmless() {
    Follower second = new Follower();
    EventBus.Subscription subscription = bus.subscribe(chat, follower);
    bus.subscribe(chat, second);
    subscription.cancel();
    subscription.cancel();
    bus.publish(chat, event(1));
    second.await(1L);
    assertThat(follower.events).isEmpty();
  }

  @Test
  void cancel_byTheFollowerItself_whileItIsTold_isFine() {
    List<EventBus.Subscription> subscription = new ArrayList<>();
    Follower once =
        new Follower() {
          @Override
          public void onEvent(ChatEvent event) {
            super.onEvent(event);
            subscription.get(0).cancel();
          }
        };
    subscription.add(bus.subscribe(chat, once));
    bus.subscribe(chat, follower);
    bus.publish(chat, event(1));
    bus.publish(chat, event(2));
    follower.await(1L, 2L);
    once.await(1L);
  }

  @Test
  void close_tellsEveryFollowerOfTheChat() {
    Follower elsewhere = new Follower();
    bus.subscribe(chat, follower);
    bus.subscribe(UUID.randomUUID(), elsewhere);
    bus.close(chat, CloseReason.CHAT_GONE);
    Await.until(() -> !follower.closes.isEmpty(), () -> "no close");
    assertThat(follower.closes).containsExactly(CloseReason.CHAT_GONE);
    assertThat(elsewhere.closes).isEmpty();
  }

  @Test
  void follower_thatThrows_harmsNeitherThePublisherNorOthers() {
    bus.subscribe(
        chat,
        new Follower() {
          @Override
          public void onEvent(ChatEvent event) {
            throw new IllegalStateException("on purpose");
          }

          @Override
          public void onClose(CloseReason reason) {
            throw new IllegalStateException("on purpose");
          }
        });
    List<Follower> others = IntStream.range(0, 5).mapToObj(i -> new Follower()).toList();
    others.forEach(other -> bus.subscribe(chat, other));
    bus.publish(chat, event(1));
    bus.close(chat, CloseReason.CHAT_GONE);
    for (Follower other : others) {
      other.await(1L);
      Await.until(() -> other.closes.size() == 1, () -> "no close");
    }
  }

  @RepeatedTest(50)
  void publish_whileOthersComeAndGo_keepsOrderAndMissesNothing() {
    bus.subscribe(chat, follower);
    Thread visitors =
        new Thread(
            () -> {
              for (int i = 0; i < 500; i++) {
                bus.subscribe(chat, new Follower()).cancel();
              }
            });
    visitors.start();
    Long[] seqs = LongStream.rangeClosed(1, 500).boxed().toArray(Long[]::new);
    for (Long seq : seqs) {
      bus.publish(chat, event(seq));
    }
    follower.await(seqs);
  }
}
