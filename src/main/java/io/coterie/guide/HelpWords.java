package io.coterie.guide;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * English as the help index sees it: text becomes words, words become terms. A term stands for all
 * forms of a word and for its synonyms, so that "deleting", "removed" and "erase" are one. What
 * words mean the same, and which say little, stands in {@code docs/words.txt}. Stateless.
 */
final class HelpWords {

  private static final int LONGEST_SYNONYM = 3;
  private static final Pattern NOT_WORD = Pattern.compile("[^\\p{L}\\p{N}@]+|@(?=\\w)");
  private static final Pattern VOWEL = Pattern.compile("[aeiouy]");

  /** Each ending and what comes in its place, in the order in which they are taken off. */
  private static final String[][] ENDINGS = {
    {"ies", "y"},
    {"xes", "x"},
    {"ches", "ch"},
    {"shes", "sh"},
    {"sses", "ss"},
    {"zes", "z"},
    {"s", ""},
    {"ly", ""},
    {"able", ""},
    {"ation", ""},
    {"ing", ""},
    {"ed", ""},
    {"ion", ""},
    {"or", ""},
    {"e", ""},
    {"y", "i"},
  };

  private static final Pattern NO_PLURAL = Pattern.compile(".*[sui]s");

  private static final Map<String, Set<String>> LISTS = new HashMap<>();
  private static final Map<String, String> SYNONYMS = new HashMap<>();

  static {
    for (String line : HelpDocs.read("words.txt").lines().toList()) {
      String[] parts = line.split(":", 2);
      String[] words = parts[1].split(",");
      if (parts[0].equals("same")) {
        Arrays.stream(words).forEach(word -> SYNONYMS.put(stems(word), stems(words[0])));
      } else {
        LISTS.computeIfAbsent(parts[0], name -> new HashSet<>()).addAll(split(parts[1]));
      }
    }
  }

  private static final Set<String> COMMON =
      LISTS.get("common").stream().map(HelpWords::stem).collect(Collectors.toSet());

  private HelpWords() {}

  private static String stems(String text) {
    return String.join(" ", split(text).stream().map(HelpWords::stem).toList());
  }

  /** The words of a text in lower case; an at sign that stands alone is one. */
  static List<String> split(String text) {
    String plain = text.toLowerCase(Locale.ROOT).replaceAll("['’`´]", "");
    return NOT_WORD.splitAsStream(plain).filter(word -> !word.isEmpty()).toList();
  }

  /** The terms of a text in their order. */
  static List<String> terms(String text) {
    List<String> stems = split(text).stream().map(HelpWords::stem).toList();
    List<String> terms = new ArrayList<>();
    int end;
    for (int at = 0; at < stems.size(); at = end) {
      end = Math.min(stems.size(), at + LONGEST_SYNONYM);
      while (end > at + 1 && !SYNONYMS.containsKey(String.join(" ", stems.subList(at, end)))) {
        end--;
      }
      terms.add(canonical(String.join(" ", stems.subList(at, end))));
    }
    return terms;
  }

  /** The term that a word stands for. */
  static String term(String word) {
    return canonical(stem(word));
  }

  /** The term that a stem stands for. */
  static String canonical(String stem) {
    return SYNONYMS.getOrDefault(stem, stem);
  }

  /** Whether a term is so common in questions of any subject that it says little. */
  static boolean isCommon(String term) {
    return COMMON.contains(term);
  }

  /** Whether a word stands in a list of {@code docs/words.txt}. */
  static boolean isIn(String list, String word) {
    return LISTS.get(list).contains(word);
  }

  /** Takes the usual endings off, consistently rather than correctly. */
  static String stem(String word) {
    if (word.length() <= 3 || word.chars().anyMatch(Character::isDigit)) {
      return word;
    }
    String stem = word;
    for (String[] ending : ENDINGS) {
      int rest = stem.length() - ending[0].length();
      boolean kept = ending[0].equals("s") && NO_PLURAL.matcher(stem).matches();
      if (rest > 2 && !kept && stem.endsWith(ending[0]) && hasVowel(stem.substring(0, rest))) {
        stem = stem.substring(0, rest) + ending[1];
      }
    }
    int last = stem.length() - 1;
    boolean doubled = last > 2 && stem.charAt(last) == stem.charAt(last - 1);
    return doubled ? stem.substring(0, last) : stem;
  }

  private static boolean hasVowel(String text) {
    return VOWEL.matcher(text).find();
  }

  /** Whether two words have the same letters in some order. */
  static boolean sameLetters(String a, String b) {
    return Arrays.equals(a.chars().sorted().toArray(), b.chars().sorted().toArray());
  }

  /**
   * Whether two words differ by one slip: a letter too many, one missing, a wrong one, or two
   * changed places.
   */
  static boolean oneSlip(String a, String b) {
    if (a.length() > b.length()) {
      return oneSlip(b, a);
    }
    int i = 0;
    while (i < a.length() && a.charAt(i) == b.charAt(i)) {
      i++;
    }
    String rest = a.substring(i);
    String other = b.substring(i);
    if (other.isEmpty() || b.length() > a.length()) {
      return !other.isEmpty() && rest.equals(other.substring(1));
    }
    boolean wrong = rest.substring(1).equals(other.substring(1));
    return wrong
        || rest.length() > 1
            && sameLetters(rest.substring(0, 2), other.substring(0, 2))
            && rest.substring(2).equals(other.substring(2));
  }
}
