package io.coterie.chat;

/**
 * Text that comes in pieces, made such that any piece can be shown: half of a surrogate pair waits
 * for the other half, and one that is followed by something else becomes U+FFFD, as does NUL. For
 * one thread at a time.
 */
public final class WholeCharacters {

  private char heldBack;

  /** Takes a piece and answers what can be shown by now. */
  public String add(String piece) {
    StringBuilder shown = new StringBuilder(piece.length() + 1);
    for (int i = 0; i < piece.length(); i++) {
      char c = piece.charAt(i);
      if (heldBack != 0) {
        if (Character.isLowSurrogate(c)) {
          shown.append(heldBack).append(c);
          heldBack = 0;
          continue;
        }
        shown.append('\uFFFD');
        heldBack = 0;
      }
      if (Character.isHighSurrogate(c)) {
        heldBack = c;
      } else {
        shown.append(c == 0 || Character.isLowSurrogate(c) ? '\uFFFD' : c);
      }
    }
    return shown.toString();
  }
}
