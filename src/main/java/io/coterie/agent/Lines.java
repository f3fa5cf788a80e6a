package io.coterie.agent;

import java.util.regex.Pattern;

/** Cuts texts without cutting characters in two. Stateless. */
final class Lines {

  private static final Pattern BLANKS = Pattern.compile("[\\s\\p{Cntrl}]+");

  private Lines() {}

  /** The first units of a text, at most {@code length}. */
  static String beginning(String text, int length) {
    if (text.length() <= length) {
      return text;
    }
    boolean pair = length > 0 && Character.isHighSurrogate(text.charAt(length - 1));
    return text.substring(0, pair ? length - 1 : length);
  }

  /** The last units of a text, at most {@code length}. */
  static String ending(String text, int length) {
    if (text.length() <= length) {
      return text;
    }
    int from = text.length() - length;
    boolean pair = from < text.length() && Character.isLowSurrogate(text.charAt(from));
    return text.substring(pair ? from + 1 : from);
  }

  /** One line of at most {@code length} units, which ends with an ellipsis where it was cut. */
  static String oneLine(String text, int length) {
    // What follows a long beginning is not looked at.
    String line = BLANKS.matcher(beginning(text, length * 4)).replaceAll(" ").strip();
    return line.length() <= length ? line : beginning(line, length - 1) + "…";
  }
}
