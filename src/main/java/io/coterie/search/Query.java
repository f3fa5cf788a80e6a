package io.coterie.search;

import io.coterie.http.ApiException;
import java.util.ArrayList;
import java.util.List;

/** What somebody searches for: all its words, whole and in any order. Immutable. */
final class Query {

  private static final int MAX_WORDS = 10;

  private static final int BEFORE_HIT = 60;
  private static final int SNIPPET = 200;

  private final List<Words.Word> words;
  private final Marks marks;

  /** Refuses, with 400, one that has too many words. */
  Query(String text) {
    this.words = Words.of(text);
    if (words.size() > MAX_WORDS) {
      throw ApiException.badRequest("query must be at most " + MAX_WORDS + " words");
    }
    this.marks = Marks.wanted(words);
  }

  /** Whether there is nothing in it that could be found, as in "?!". */
  boolean isEmpty() {
    return words.isEmpty();
  }

  /** What the filters of messages with these words have. */
  Marks marks() {
    return marks;
  }

  /** Whether all the words are in the text. */
  boolean isIn(String text) {
    List<Words.Word> missing = new ArrayList<>(words);
    Words.Reader reader = new Words.Reader(text);
    for (Words.Word word = reader.next(); word != null; word = reader.next()) {
      Words.Word found = word;
      if (missing.removeIf(wanted -> indexIn(found, wanted) >= 0) && missing.isEmpty()) {
        return true;
      }
    }
    return false;
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
      for (Words.Word wanted : words) {
        int at = indexIn(word, wanted);
        if (at >= 0) {
          // Folding keeps the length of nearly all runs; elsewhere a hit is its run's beginning.
          boolean exact = word.folded().length() == word.end() - word.start();
          return word.start() + (exact ? at : 0);
        }
      }
    }
    return 0;
  }

  private static int indexIn(Words.Word word, Words.Word wanted) {
    if (word.isRun() != wanted.isRun()) {
      return -1;
    }
    if (wanted.isRun()) {
      return word.folded().indexOf(wanted.folded());
    }
    return word.folded().equals(wanted.folded()) ? 0 : -1;
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
