package io.coterie.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAdviceTest {

  private static final Instant NOW = Instant.parse("1994-11-06T08:49:30Z");

  private static RetryAdvice advice(String... namesAndValues) {
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.put(namesAndValues[i], List.of(namesAndValues[i + 1]));
    }
    return RetryAdvice.of(HttpHeaders.of(headers, (name, value) -> true), NOW);
  }

  @ParameterizedTest
  @CsvSource({"0,0", "7,7000", "1.5,1500", "120,120000", "86400,86400000", "99999999999,86400000"})
  void retryAfter_seconds_isThatLong(String text, long millis) {
    assertThat(advice("Retry-After", text).delay()).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994"
      })
  void retryAfter_dateInEachOfTheThreeForms_isCountedFromNow(String text) {
    assertThat(advice("Retry-After", text).delay()).isEqualTo(Duration.ofSeconds(7));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "Sun, 06 Nov 1994 08:49:00 GMT;0",
        "Sat, 06 Nov 2094 08:49:37 GMT;86400",
        "Monday, 06-Nov-50 08:49:37 GMT;0"
      })
  void retryAfter_dateThatIsPastOrFarAway_isBounded(String text, long seconds) {
    assertThat(advice("Retry-After", text).delay()).isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "-1", "1e9", "NaN", "0x10", "1,5", "٣", "Sun, 99 Nov 1994"})
  void retryAfter_unreadable_isPassedOver(String text) {
    assertThat(advice("Retry-After", text)).isEqualTo(RetryAdvice.SILENT);
  }

  @Test
  void retryAfter_hugeNumber_isPassedOver() {
    assertThat(advice("Retry-After", "9".repeat(10_000)).delay()).isNull();
  }

  @Test
  void retryAfterMs_besideSeconds_wins() {
    RetryAdvice advice = advice("retry-after-ms", "1250.5", "retry-after", "2");
    assertThat(advice.delay()).isEqualTo(Duration.ofNanos(1_250_500_000));
  }

  @Test
  void retryAfterMs_unreadable_leavesTheSeconds() {
    assertThat(advice("retry-after-ms", "x", "retry-after", "2").delay())
        .isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void shouldRetry_false_isNever() {
    assertThat(advice("X-Should-Retry", "false").never()).isTrue();
    assertThat(advice("X-Should-Retry", "true").never()).isFalse();
    assertThat(advice()).isEqualTo(RetryAdvice.SILENT);
  }
}
