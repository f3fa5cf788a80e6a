package io.coterie.log;

/** Text in which nothing breaks the line or moves a terminal's cursor. Stateless. */
final class OneLine {

  private OneLine() {}

  /** The text with each control character, and each other line break of Unicode, written out. */
  static String of(CharSequence text) {
    StringBuilder line = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append("\\t");
        case '\u2028', '\u2029' -> line.append(escape(c));
        default -> line.append(Character.isISOControl(c) ? escape(c) : String.valueOf(c));
      }
    }
    return line.toString();
  }

  private static String escape(char c) {
    return "\\u%04x".formatted((int) c);
  }
}
