package io.coterie.agent;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a provider's words say about how much too long a request was, as in "maximum context length
 * is 8192 tokens. However, your messages resulted in 10034 tokens" or "210000 tokens > 200000
 * maximum". Stateless.
 */
final class SizeHint {

  /** Where the words do not say. */
  static final double UNKNOWN = 0.5;

  private static final double MARGIN = 0.9;
  private static final double LEAST = 0.05;
  private static final Pattern NUMBER = Pattern.compile("(?<![\\w.])\\d{3,9}(?![\\w.]*\\d)");

  private SizeHint() {}

  /** The share of the request that is to be kept, above 0 and below 1. */
  static double share(String words) {
    Matcher number = NUMBER.matcher(words.replaceAll("(?<=\\d),(?=\\d{3})", ""));
    if (!number.find()) {
      return UNKNOWN;
    }
    double first = Double.parseDouble(number.group());
    if (!number.find()) {
      return UNKNOWN;
    }
    double second = Double.parseDouble(number.group());
    double share = MARGIN * Math.min(first, second) / Math.max(first, second);
    return first == second ? UNKNOWN : Math.max(LEAST, share);
  }
}
