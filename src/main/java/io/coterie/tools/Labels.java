package io.coterie.tools;

import io.coterie.text.Texts;

/** What servers call things, made fit for logs, people and storage. */
final class Labels {

  private Labels() {}

  /** One line of at most {@code max} UTF-16 units, without control characters. */
  static String of(String text, int max) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < text.length() && line.length() < max; i++) {
      char c = text.charAt(i);
      line.append(Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? ' ' : c);
    }
    return Texts.whole(Texts.beginning(line.toString().strip(), max));
  }
}
