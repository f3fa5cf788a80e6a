package io.coterie.search;

import io.coterie.http.ApiException;
import java.util.ArrayList;
import java.util.List;

/**
 * What somebody searches for: all its words, in any order, the last one perhaps only begun.
 * Immutable.
 */
final class Query {

  /** As many as {@link SearchDao#hits} takes. */
  static final int MAX_WORDS = 10;

  private static final int BEFORE_HIT = 60;
  private static final int SNIPPET = 200;
  private static final String ANY = "%";

  private final List<Words.Word> words;

  /** Refuses, with 400, one that has too many words. */
  Query(String text) {
    this.words = Words.of(text);
    if (words.size() > MAX_WORDS) {
      throw ApiException.badRequest("query must be at most " + MAX_WORDS + " words");
    }
  }

  /** Whether there is nothing in it that could be found, as in "?!". */
  boolean isEmpty() {
    return words.isEmpty();
  }

  /**
   * Exactly {@link #MAX_WORDS} patterns for LIKE, all of which a message's words match. Words have
   * no character that means something there.
   */
  List<String> patterns() {
    List<String> patterns = new ArrayList<>();
    for (int i = 0; i < MAX_WORDS; i++) {
      patterns.add(i < words.size() ? pattern(i) : ANY);
    }
    return patterns;
  }

  private String pattern(int i) {
    Words.Word word = words.get(i);
    if (word.isRun()) {
      return ANY + word.folded() + ANY;
    }
    return "% " + word.folded() + (i == words.size() - 1 ? ANY : " %");
  }

  /** About 200 characters around the first of the words, in one line. */
  String snippet(String text) {
    int hit = firstHit(text);
    int start = back(text, hit, BEFORE_HIT);
    int end = ahead(text, start, SNIPPET);
    String piece = text.substring(start, end).replaceAll("\\s+", " ").strip();
    return (start > 0 ? "…" : "") + piece + (end < text.length() ? "…" : "");
  }

  private int firstHit(String text) {
    Words.Reader reader = new Words.Reader(text);
    for (Words.Word word = reader.next(); word != null; word = reader.next()) {
      for (int i = 0; i < words.size(); i++) {
        int at = indexIn(word, i);
        if (at >= 0) {
          // Folding keeps the length of nearly all runs; elsewhere a hit is its run's beginning.
          boolean exact = word.folded().length() == word.end() - word.start();
          return word.start() + (exact ? at : 0);
        }
      }
    }
    return 0;
  }

  private int indexIn(Words.Word word, int i) {
    String wanted = words.get(i).folded();
    if (words.get(i).isRun()) {
      return word.folded().indexOf(wanted);
    }
    boolean found =
        i == words.size() - 1 ? word.folded().startsWith(wanted) : word.folded().equals(wanted);
    return found ? 0 : -1;
  }

  private static int back(String text, int from, int characters) {
    int at = text.offsetByCodePoints(from, -Math.min(characters, text.codePointCount(0, from)));
    while (at > 0 && isInside(text, at)) {
      at--;
    }
    return at;
  }

  private static int ahead(String text, int from, int characters) {
    int left = text.codePointCount(from, text.length());
    int at = text.offsetByCodePoints(from, Math.min(characters, left));
    while (at < text.length() && isInside(text, at)) {
      at++;
    }
    return at;
  }

  /** Whether what stands there belongs to the character before it. */
  private static boolean isInside(String text, int at) {
    if (Character.isLowSurrogate(text.charAt(at))) {
      return true;
    }
    int c = text.codePointAt(at);
    int type = Character.getType(c);
    return type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.COMBINING_SPACING_MARK
        || c == 0x200D
        || at > 0 && text.charAt(at - 1) == '\u200D';
  }
}
