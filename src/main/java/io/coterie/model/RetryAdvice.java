package io.coterie.model;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What the head of a refused request says about trying again: {@code Retry-After} in seconds or as
 * a date (RFC 9110, section 10.2.3, dates in the three forms of section 5.6.7), {@code
 * retry-after-ms} and {@code x-should-retry} (OpenAI and Anthropic). What cannot be read is passed
 * over. Immutable.
 *
 * @param delay from zero to {@link #LONGEST}; null where it is not said
 * @param never whether trying again is refused in so many words
 */
record RetryAdvice(Duration delay, boolean never) {

  static final Duration LONGEST = Duration.ofDays(1);

  static final RetryAdvice SILENT = new RetryAdvice(null, false);

  /** Long enough for any limit; more digits would only cost time to read. */
  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}(\\.\\d{1,18})?");

  private static final DateTimeFormatter ASCTIME =
      DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.US).withZone(ZoneOffset.UTC);

  /**
   * @param now what a date is counted from
   */
  static RetryAdvice of(java.net.http.HttpHeaders headers, Instant now) {
    Duration wait = number(first(headers, "retry-after-ms"), "0.001");
    String after = first(headers, "retry-after");
    if (wait == null) {
      wait = number(after, "1");
    }
    if (wait == null) {
      wait = date(after, now);
    }
    return new RetryAdvice(wait, first(headers, "x-should-retry").equalsIgnoreCase("false"));
  }

  private static String first(java.net.http.HttpHeaders headers, String name) {
    return headers.firstValue(name).orElse("").strip();
  }

  private static Duration number(String text, String secondsEach) {
    if (!NUMBER.matcher(text).matches()) {
      return null;
    }
    BigDecimal seconds =
        new BigDecimal(text)
            .multiply(new BigDecimal(secondsEach))
            .min(BigDecimal.valueOf(LONGEST.toSeconds()));
    return Duration.ofNanos(seconds.movePointRight(9).longValue());
  }

  private static Duration date(String text, Instant now) {
    for (DateTimeFormatter format :
        List.of(DateTimeFormatter.RFC_1123_DATE_TIME, rfc850(now), ASCTIME)) {
      try {
        return bounded(Duration.between(now, Instant.from(format.parse(text))));
      } catch (DateTimeException | ArithmeticException e) {
        // in another form, or in none
      }
    }
    return null;
  }

  /** Two digits of a year mean the one that is not more than 50 years ahead. */
  private static DateTimeFormatter rfc850(Instant now) {
    LocalDate first = now.atOffset(ZoneOffset.UTC).toLocalDate().minusYears(49);
    return new DateTimeFormatterBuilder()
        .appendPattern("EEEE, dd-MMM-")
        .appendValueReduced(ChronoField.YEAR, 2, 2, first)
        .appendPattern(" HH:mm:ss 'GMT'")
        .toFormatter(Locale.US)
        .withZone(ZoneOffset.UTC);
  }

  private static Duration bounded(Duration wait) {
    if (wait.isNegative()) {
      return Duration.ZERO;
    }
    return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
  }
}
