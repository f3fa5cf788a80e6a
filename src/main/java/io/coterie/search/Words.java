package io.coterie.search;

import java.lang.Character.UnicodeScript;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Text as searching sees it: words, without accents and in one case, by Unicode's compatibility
 * decomposition (UAX 15). What is written without spaces, as Chinese, Japanese and Thai are, or
 * with endings joined to words, as Korean is, and pictures, stay together as a run, any piece of
 * which can be found.
 */
final class Words {

  private static final int RUN_TYPE = 2;
  private static final int WORD_TYPE = 1;

  /** Says nothing itself, but does not end a word. */
  private static final int MARK_TYPE = 0;

  private static final int NONE = -1;

  private static final Set<UnicodeScript> UNSPACED =
      Set.of(
          UnicodeScript.HAN,
          UnicodeScript.HIRAGANA,
          UnicodeScript.KATAKANA,
          UnicodeScript.BOPOMOFO,
          UnicodeScript.HANGUL,
          UnicodeScript.THAI,
          UnicodeScript.LAO,
          UnicodeScript.KHMER,
          UnicodeScript.MYANMAR,
          UnicodeScript.TIBETAN);

  /** Accents of Latin, Greek and Cyrillic, Hebrew points, Arabic vowel signs, kinds of pictures. */
  private static final Pattern IGNORED =
      Pattern.compile(
          "[\\u0300-\\u036F\\u1AB0-\\u1AFF\\u1DC0-\\u1DFF\\u0591-\\u05BD\\u05BF\\u05C1\\u05C2\\u05C4"
              + "\\u05C5\\u05C7\\u064B-\\u065F\\u0670\\u0640\\uFE00-\\uFE0F\\u00AD\\u200C\\u200D\\u2060"
              + "\\uFEFF]+");

  private static final Pattern NOT_OF_WORDS = Pattern.compile("[^\\p{L}\\p{M}\\p{N}\\p{So}]+");

  /**
   * A word in a text.
   *
   * @param start where it begins, in UTF-16 units
   * @param folded as it is compared
   * @param isRun whether any piece of it can be found
   */
  record Word(int start, int end, String folded, boolean isRun) {}

  /** Goes through the words of a text, one after the other. */
  static final class Reader {
    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    /** The next word; null at the end. */
    Word next() {
      while (at < text.length()) {
        int start = at;
        int type = type(text.codePointAt(at));
        advance();
        if (type == WORD_TYPE || type == RUN_TYPE) {
          while (at < text.length() && goesOn(type, type(text.codePointAt(at)))) {
            advance();
          }
          String folded = fold(text.substring(start, at));
          if (!folded.isEmpty()) {
            return new Word(start, at, folded, type == RUN_TYPE);
          }
        }
      }
      return null;
    }

    private void advance() {
      at += Character.charCount(text.codePointAt(at));
    }

    private static boolean goesOn(int type, int next) {
      return next == type || next == MARK_TYPE;
    }
  }

  private Words() {}

  /** The words that somebody asks for, in their order. */
  static List<Word> of(String text) {
    List<Word> words = new ArrayList<>();
    Reader reader = new Reader(text);
    for (Word word = reader.next(); word != null; word = reader.next()) {
      words.add(word);
    }
    return words;
  }

  private static int type(int c) {
    if (c < 0x80) {
      return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
          ? WORD_TYPE
          : NONE;
    }
    if (c == 0xAD || c == 0x200C || c == 0x200D || c == 0x2060 || c == 0xFEFF) {
      return MARK_TYPE;
    }
    // These long-vowel and voicing marks belong to no script of their own.
    if (c == 0x30FC || c == 0xFF70 || c == 0xFF9E || c == 0xFF9F) {
      return RUN_TYPE;
    }
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
          MARK_TYPE;
      case Character.OTHER_SYMBOL -> RUN_TYPE;
      case Character.UPPERCASE_LETTER,
          Character.LOWERCASE_LETTER,
          Character.TITLECASE_LETTER,
          Character.MODIFIER_LETTER,
          Character.OTHER_LETTER,
          Character.DECIMAL_DIGIT_NUMBER,
          Character.LETTER_NUMBER,
          Character.OTHER_NUMBER ->
          UNSPACED.contains(UnicodeScript.of(c)) ? RUN_TYPE : WORD_TYPE;
      default -> NONE;
    };
  }

  private static String fold(String word) {
    if (word.chars().allMatch(c -> c < 0x80)) {
      return word.toLowerCase(Locale.ROOT);
    }
    String bare = IGNORED.matcher(Normalizer.normalize(word, Normalizer.Form.NFKD)).replaceAll("");
    // By way of capitals, so that all forms of a letter meet: ß and SS, the two small sigmas.
    String folded = bare.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    StringBuilder plain = new StringBuilder(folded.length() + 2);
    for (int i = 0; i < folded.length(); i++) {
      char c = folded.charAt(i);
      switch (c) {
        case 'ς' -> plain.append('σ');
        case 'ø' -> plain.append('o');
        case 'đ', 'ð' -> plain.append('d');
        case 'ł' -> plain.append('l');
        case 'ħ' -> plain.append('h');
        case 'æ' -> plain.append("ae");
        case 'œ' -> plain.append("oe");
        case 'þ' -> plain.append("th");
        default -> plain.append(c);
      }
    }
    String composed =
        Normalizer.normalize(IGNORED.matcher(plain).replaceAll(""), Normalizer.Form.NFC);
    return NOT_OF_WORDS.matcher(composed).replaceAll("");
  }
}
