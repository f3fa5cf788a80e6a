package io.coterie.search;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What tells, without a look at a message, that it does not have a word: a Bloom filter of its
 * words, and of each character and each two neighbours where any piece can be found. Of 200
 * messages that lack a word it lets one pass. What is stored depends on every constant here.
 * Immutable.
 */
public final class Marks {

  /** The more, the fewer messages are read in vain, and the more room the filters take. */
  private static final int BITS_A_WORD = 12;

  private static final int MARKS_A_WORD = 5;

  /** In bytes. The filter of a text with over ten thousand words lets more pass. */
  private static final int MAX_SIZE = 16_384;

  private final long[] wanted;

  private Marks(Set<Long> wanted) {
    this.wanted = wanted.stream().mapToLong(Long::longValue).toArray();
  }

  /** The filter of a text. */
  public static byte[] of(String text) {
    return filter(hashes(text));
  }

  /** What a filter is made of; the filter of several texts is made of what they have together. */
  static Set<Long> hashes(String text) {
    Words.Reader reader = new Words.Reader(text);
    Set<Long> hashes = new HashSet<>();
    for (Words.Word word = reader.next(); word != null; word = reader.next()) {
      if (word.isRun()) {
        addPieces(word.folded(), 1, hashes);
        addPieces(word.folded(), 2, hashes);
      } else {
        hashes.add(hash(word.folded(), 0, word.folded().length()));
      }
    }
    return hashes;
  }

  static byte[] filter(Set<Long> hashes) {
    int size = Math.min(MAX_SIZE, (hashes.size() * BITS_A_WORD + 7) / 8);
    byte[] filter = new byte[size];
    for (long hash : hashes) {
      for (int i = 0; i < MARKS_A_WORD; i++) {
        int bit = bit(hash, i, size);
        filter[bit >> 3] |= (byte) (1 << (bit & 7));
      }
    }
    return filter;
  }

  /** What the filters of messages with all those words have. */
  static Marks wanted(List<Words.Word> words) {
    Set<Long> hashes = new HashSet<>();
    for (Words.Word word : words) {
      String folded = word.folded();
      if (word.isRun()) {
        addPieces(folded, Math.min(2, folded.codePointCount(0, folded.length())), hashes);
      } else {
        hashes.add(hash(folded, 0, folded.length()));
      }
    }
    return new Marks(hashes);
  }

  /** Whether the text of that filter may have all the words; it has not where this says no. */
  boolean mayBeIn(byte[] filter) {
    for (long hash : wanted) {
      for (int i = 0; i < MARKS_A_WORD; i++) {
        if (filter.length == 0) {
          return false;
        }
        int bit = bit(hash, i, filter.length);
        if ((filter[bit >> 3] & (1 << (bit & 7))) == 0) {
          return false;
        }
      }
    }
    return true;
  }

  private static void addPieces(String run, int characters, Set<Long> hashes) {
    List<Integer> starts = new ArrayList<>();
    for (int at = 0; at < run.length(); at += Character.charCount(run.codePointAt(at))) {
      starts.add(at);
    }
    starts.add(run.length());
    for (int i = 0; i + characters < starts.size(); i++) {
      hashes.add(hash(run, starts.get(i), starts.get(i + characters)));
    }
  }

  /** Two halves of one hash stand for as many as are needed (Kirsch and Mitzenmacher). */
  private static int bit(long hash, int i, int size) {
    int mixed = (int) hash + i * ((int) (hash >>> 32) | 1);
    return Integer.remainderUnsigned(mixed, size * 8);
  }

  /** FNV-1a of 64 bits over UTF-16 units, and then what spreads it over all bits. */
  private static long hash(String text, int from, int to) {
    long hash = 0xcbf29ce484222325L;
    for (int i = from; i < to; i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
    return hash ^ (hash >>> 31);
  }
}
