package io.coterie.tools;

/** What servers write, made fit for logs, people and storage. */
final class Texts {

  private static final char REPLACEMENT = '\uFFFD';

  private Texts() {}

  /** One line of at most {@code max} UTF-16 units, without control characters. */
  static String line(String text, int max) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < text.length() && line.length() < max; i++) {
      char c = text.charAt(i);
      line.append(Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? ' ' : c);
    }
    return whole(cut(line.toString().strip(), max));
  }

  /** The text without NUL, and with a replacement for each half of a surrogate pair. */
  static String whole(String text) {
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

  /** The first {@code max} UTF-16 units, or one less where that would halve a surrogate pair. */
  static String cut(String text, int max) {
    if (text.length() <= max) {
      return text;
    }
    boolean halves = max > 0 && Character.isHighSurrogate(text.charAt(max - 1));
    return text.substring(0, halves ? max - 1 : max);
  }
}
