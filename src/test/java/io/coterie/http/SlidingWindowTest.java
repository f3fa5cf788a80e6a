package io.coterie.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.MutableClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SlidingWindowTest {

  private final MutableClock clock = new MutableClock();

  private SlidingWindow<String> window(int max) {
    return new SlidingWindow<>(max, Duration.ofMinutes(1), clock);
  }

  @Test
  void secondsUntilFree_tellsWhenTheOldestLeavesTheWindow() {
    SlidingWindow<String> window = window(2);
    window.count("a");
    clock.advance(Duration.ofSeconds(20));
    assertThat(window.secondsUntilFree("a")).isZero();
    window.count("a");
    assertThat(window.secondsUntilFree("a")).isEqualTo(40);
    assertThat(window.secondsUntilFree("b")).isZero();
    clock.advance(Duration.ofSeconds(40).minusMillis(1));
    assertThat(window.secondsUntilFree("a")).isEqualTo(1);
    clock.advance(Duration.ofMillis(1));
    assertThat(window.secondsUntilFree("a")).isZero();
    window.count("a");
    assertThat(window.secondsUntilFree("a")).isEqualTo(20);
  }

  @Test
  void count_beyondTheLimit_keepsTheNewest() {
    SlidingWindow<String> window = window(2);
    for (int i = 0; i < 10; i++) {
      window.count("a");
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(window.secondsUntilFree("a")).isEqualTo(58);
  }

  @Test
  void clockSetBack_holdsNobodyUp() {
    SlidingWindow<String> window = window(2);
    window.count("a");
    clock.advance(Duration.ofSeconds(30));
    window.count("a");
    clock.advance(Duration.ofSeconds(-10));
    assertThat(window.secondsUntilFree("a")).isZero();
    window.count("a");
    assertThat(window.secondsUntilFree("a")).isEqualTo(40);
    clock.advance(Duration.ofHours(-10));
    assertThat(window.secondsUntilFree("a")).isZero();
  }

  @Test
  void noLimit_neverRefusesAndRemembersNothing() {
    SlidingWindow<String> window = window(0);
    for (int i = 0; i < 1_000; i++) {
      window.count("a");
    }
    assertThat(window.secondsUntilFree("a")).isZero();
    assertThat(window.keys()).isZero();
  }

  @Test
  void moreThanAHundredThousandKeys_areNotAllRemembered() {
    SlidingWindow<String> window = window(30);
    for (int i = 0; i < 250_000; i++) {
      window.count("2001:db8:" + i + "/64");
    }
    assertThat(window.keys()).isBetween(50_000L, 100_000L);
  }
}
