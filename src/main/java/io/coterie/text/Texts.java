package io.coterie.text;

import java.util.regex.Pattern;

/**
 * Makes texts of others fit for what they are to go into, without cutting characters in two. All
 * lengths are UTF-16 units. Stateless.
 */
public final class Texts {

  private static final char REPLACEMENT = '\uFFFD';
  private static final Pattern BLANKS = Pattern.compile("[\\s\\p{Cntrl}]+");

  private Texts() {}

  /** The first units of a text, at most {@code length}. */
  public static String beginning(String text, int length) {
    if (text.length() <= length) {
      return text;
    }
    boolean pair = length > 0 && Character.isHighSurrogate(text.charAt(length - 1));
    return text.substring(0, pair ? length - 1 : length);
  }

  /** The last units of a text, at most {@code length}. */
  public static String ending(String text, int length) {
    if (text.length() <= length) {
      return text;
    }
    int from = text.length() - length;
    boolean pair = from < text.length() && Character.isLowSurrogate(text.charAt(from));
    return text.substring(pair ? from + 1 : from);
  }

  /** One line of at most {@code length} units, which ends with an ellipsis where it was cut. */
  public static String oneLine(String text, int length) {
    // What follows a long beginning is not looked at.
    String line = BLANKS.matcher(beginning(text, length * 4)).replaceAll(" ").strip();
    return line.length() <= length ? line : beginning(line, length - 1) + "…";
  }

  /** The text without NUL, and with a replacement for each half of a surrogate pair. */
  public static String whole(String text) {
    StringBuilder whole = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (pair) {
        i++;
      } else if (c == 0 || Character.isSurrogate(c)) {
        whole = whole == null ? new StringBuilder(text) : whole;
        whole.setCharAt(i, REPLACEMENT);
      }
    }
    return whole == null ? text : whole.toString();
  }
}
