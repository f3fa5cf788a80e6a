package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.MutableClock;
import io.coterie.chat.OneTimeStrings.Grant;
import io.coterie.chat.OneTimeStrings.Issued;
import io.coterie.chat.OneTimeStrings.Kind;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** What every implementation of {@link OneTimeStrings} does. */
abstract class OneTimeStringsContract {

  static final Duration CONNECTION_TTL = Duration.ofMinutes(5);
  static final Duration MESSAGE_TTL = Duration.ofMinutes(1);

  private final MutableClock clock = new MutableClock();
  private final UUID chat = UUID.randomUUID();
  private final Holder user = new Holder(UUID.randomUUID(), null, null);
  private OneTimeStrings strings;

  /** A fresh instance with those times to live. */
  abstract OneTimeStrings create(Clock clock, Duration connectionTtl, Duration messageTtl);

  @BeforeEach
  void create() {
    strings = create(clock, CONNECTION_TTL, MESSAGE_TTL);
  }

  @Test
  void issue_tellsWhatItIsGoodForAndHowLong() {
    Grant grant = strings.issue(Kind.MESSAGE, chat, user).grant();
    assertThat(grant)
        .isEqualTo(
            new Grant(
                Kind.MESSAGE, chat, user, clock.instant(), clock.instant().plus(MESSAGE_TTL)));
    assertThat(strings.issue(Kind.CONNECTION, chat, user).grant().expiresAt())
        .isEqualTo(clock.instant().plus(CONNECTION_TTL));
  }

  @Test
  void issue_neverRepeatsAndIsSafeInAnAddress() {
    Set<String> values = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      values.add(strings.issue(Kind.MESSAGE, chat, user).value());
    }
    assertThat(values).hasSize(1_000).allMatch(value -> value.matches("[A-Za-z0-9_-]{40,}"));
  }

  @Test
  void redeem_givesTheGrantOnce() {
    Issued issued = strings.issue(Kind.CONNECTION, chat, user);
    assertThat(strings.redeem(Kind.CONNECTION, chat, issued.value())).contains(issued.grant());
    assertThat(strings.redeem(Kind.CONNECTION, chat, issued.value())).isEmpty();
  }

  @Test
  void redeem_ofAnUnknownString_isEmpty() {
    assertThat(strings.redeem(Kind.CONNECTION, chat, "unknown")).isEmpty();
    assertThat(strings.redeem(Kind.CONNECTION, chat, "")).isEmpty();
  }

  @Test
  void redeem_forAnotherChat_isEmptyAndUsesItUp() {
    String value = strings.issue(Kind.CONNECTION, chat, user).value();
    assertThat(strings.redeem(Kind.CONNECTION, UUID.randomUUID(), value)).isEmpty();
    assertThat(strings.redeem(Kind.CONNECTION, chat, value)).isEmpty();
  }

  @Test
  void redeem_asTheOtherKind_isEmptyAndUsesItUp() {
    String value = strings.issue(Kind.CONNECTION, chat, user).value();
    assertThat(strings.redeem(Kind.MESSAGE, chat, value)).isEmpty();
    assertThat(strings.redeem(Kind.CONNECTION, chat, value)).isEmpty();
  }

  @Test
  void redeem_justBeforeTheTimeIsOver_works() {
    String connection = strings.issue(Kind.CONNECTION, chat, user).value();
    clock.advance(CONNECTION_TTL.minusMillis(1));
    assertThat(strings.redeem(Kind.CONNECTION, chat, connection)).isPresent();
  }

  @Test
  void redeem_whenTheTimeIsOver_isEmpty() {
    String connection = strings.issue(Kind.CONNECTION, chat, user).value();
    String message = strings.issue(Kind.MESSAGE, chat, user).value();
    clock.advance(MESSAGE_TTL);
    assertThat(strings.redeem(Kind.MESSAGE, chat, message)).isEmpty();
    clock.advance(CONNECTION_TTL.minus(MESSAGE_TTL));
    assertThat(strings.redeem(Kind.CONNECTION, chat, connection)).isEmpty();
  }

  @Test
  void issue_toWhoseTimeIsOverSooner_isGoodUntilThen() {
    Instant end = clock.instant().plusSeconds(30);
    Holder guest = new Holder(UUID.randomUUID(), null, end);
    Issued connection = strings.issue(Kind.CONNECTION, chat, guest);
    Issued message = strings.issue(Kind.MESSAGE, chat, guest);
    assertThat(connection.grant().expiresAt()).isEqualTo(end);
    clock.advance(Duration.ofSeconds(30).minusMillis(1));
    assertThat(strings.redeem(Kind.MESSAGE, chat, message.value())).isPresent();
    clock.advance(Duration.ofMillis(1));
    assertThat(strings.redeem(Kind.CONNECTION, chat, connection.value())).isEmpty();

    Issued late = strings.issue(Kind.CONNECTION, chat, guest);
    assertThat(strings.redeem(Kind.CONNECTION, chat, late.value())).isEmpty();
  }

  @Test
  void issue_toWhoseTimeIsOverInAges_isGoodForItsOwnTime() {
    Holder guest = new Holder(UUID.randomUUID(), UUID.randomUUID(), Instant.MAX);
    assertThat(strings.issue(Kind.CONNECTION, chat, guest).grant().expiresAt())
        .isEqualTo(clock.instant().plus(CONNECTION_TTL));
  }

  @Test
  void revoke_voidsWhatWasIssuedToThatHolderAlone() {
    Holder key = new Holder(user.userId(), UUID.randomUUID(), null);
    String byLogin = strings.issue(Kind.CONNECTION, chat, user).value();
    String byKey = strings.issue(Kind.CONNECTION, chat, key).value();
    String messageByKey = strings.issue(Kind.MESSAGE, chat, key).value();
    strings.revoke(key.userId(), key.keyId());
    assertThat(strings.redeem(Kind.CONNECTION, chat, byKey)).isEmpty();
    assertThat(strings.redeem(Kind.MESSAGE, chat, messageByKey)).isEmpty();
    assertThat(strings.redeem(Kind.CONNECTION, chat, byLogin)).isPresent();
  }

  @RepeatedTest(50)
  void redeem_byManyAtOnce_isForOne() throws InterruptedException {
    String value = strings.issue(Kind.MESSAGE, chat, user).value();
    AtomicInteger winners = new AtomicInteger();
    CountDownLatch start = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(8);
    for (int i = 0; i < 8; i++) {
      new Thread(
              () -> {
                try {
                  start.await();
                  strings
                      .redeem(Kind.MESSAGE, chat, value)
                      .ifPresent(grant -> winners.incrementAndGet());
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                } finally {
                  over.countDown();
                }
              })
          .start();
    }
    start.countDown();
    assertThat(over.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(winners).hasValue(1);
  }
}
