package io.coterie.guide;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * English as the help index sees it: text becomes words, words become terms. A term stands for all
 * forms of a word and for its synonyms, so that "deleting", "removed" and "erase" are one.
 */
final class HelpWords {

  private static final Set<String> STOP = words(HelpVocabulary.STOP);
  private static final Map<Pattern, String> PHRASES =
      Map.ofEntries(
          phrase("(?:log|logs|logged|logging|sign|signs|signed|signing) in(?:to)?", "login"),
          phrase("(?:log|logs|logged|logging|sign|signs|signed|signing) out", "logout"),
          phrase("(?:sign|signs|signed|signing) up", "signup"),
          phrase("web sockets?", "websocket"),
          phrase("back(?:ed|ing|s)? (?:(?:it|them|this|that|everything) )?up", "backup"),
          phrase("shut(?:ting|s)? (?:it )?down", "shutdown"),
          phrase("one[ -]?time", "onetime"),
          phrase("e[ -]mail", "email"),
          phrase("socket[ .]io", "socketio"),
          phrase("server[ -]sent(?: events?)?", "sse"),
          phrase("open ai", "openai"),
          phrase("(?:set|sets|setting) up", "setup"),
          phrase("(?:get|gets|getting|got) rid of", "delete"),
          phrase("env vars?", "environment variable"),
          phrase("how long", "howlong"),
          phrase("how many", "howmany"),
          phrase("how much", "howmuch"),
          phrase("0\\.0\\.0\\.0", "allinterfaces"),
          phrase("127\\.0\\.0\\.1", "localhost"),
          phrase("(?:from|on|in|using|with) the (?:command line|terminal|shell)", "curl"),
          phrase("access tokens?", "token"),
          phrase("re-?(?:run|running)", "rerun"),
          phrase("real time", "realtime"),
          phrase("step by step", "stepbystep"),
          phrase("walk(?:ing)? (?:me|us|you) through", "walkthrough"),
          phrase("api keys?", "api apikey"));

  private static final Pattern NOT_WORD = Pattern.compile("[^\\p{L}\\p{N}]+");
  private static final Map<String, String> CANONICAL = canonical();

  private static final Set<String> WEAK = terms(HelpVocabulary.WEAK);
  private static final Set<String> FILLER = terms(HelpVocabulary.FILLER);
  private static final Set<String> NO_SLIPS = words(HelpVocabulary.NO_SLIPS);
  private static final Set<String> ACTIONS = terms(HelpVocabulary.ACTIONS);

  private HelpWords() {}

  private static Map.Entry<Pattern, String> phrase(String words, String term) {
    return Map.entry(Pattern.compile("\\b" + words + "\\b"), term);
  }

  /** The words of a text block, divided by white space. */
  static Set<String> words(String lines) {
    return Set.copyOf(List.of(lines.strip().split("\\s+")));
  }

  /** The lines of a text block. */
  static Set<String> lines(String block) {
    return Set.copyOf(block.strip().lines().map(String::strip).toList());
  }

  private static Set<String> terms(String lines) {
    Set<String> terms = new HashSet<>();
    words(lines).forEach(word -> terms.add(term(word)));
    return Set.copyOf(terms);
  }

  private static Map<String, String> canonical() {
    Map<String, String> map = new HashMap<>();
    HelpVocabulary.SYNONYMS
        .lines()
        .map(line -> line.split(" "))
        .forEach(
            group -> {
              for (String word : group) {
                map.put(stem(word), stem(group[0]));
              }
            });
    return Map.copyOf(map);
  }

  /** The words of a text in lower case, with those that belong together joined. */
  static List<String> split(String text) {
    String plain =
        text.toLowerCase(Locale.ROOT)
            .replaceAll("['’`´]", "")
            .replaceAll("@(?![\\w])", " mention ");
    for (Map.Entry<Pattern, String> phrase : PHRASES.entrySet()) {
      plain = phrase.getKey().matcher(plain).replaceAll(phrase.getValue());
    }
    List<String> words = new ArrayList<>();
    for (String word : NOT_WORD.split(plain)) {
      if (!word.isEmpty()) {
        words.add(word);
      }
    }
    return words;
  }

  static boolean isStop(String word) {
    return STOP.contains(word);
  }

  static boolean isWeak(String term) {
    return WEAK.contains(term);
  }

  /** Whether a word is surely not a slip of the pen for another. */
  static boolean isNoSlip(String word) {
    return NO_SLIPS.contains(word);
  }

  static boolean isFiller(String term) {
    return FILLER.contains(term);
  }

  static boolean isAction(String term) {
    return ACTIONS.contains(term);
  }

  /** The term that a word stands for. */
  static String term(String word) {
    String stem = stem(word);
    return CANONICAL.getOrDefault(stem, stem);
  }

  /** Takes the usual endings off, consistently rather than correctly. */
  static String stem(String word) {
    if (word.length() <= 3 || word.chars().anyMatch(Character::isDigit)) {
      return word;
    }
    String stem = withoutPlural(word);
    stem = without(stem, "ly", 5);
    stem = without(stem, "able", 4);
    stem = without(stem, "ation", 4);
    stem = without(stem, "ing", 3);
    stem = without(stem, "ed", 3);
    stem = without(stem, "ion", 4);
    stem = without(stem, "or", 6);
    stem = without(stem, "e", 3);
    int last = stem.length() - 1;
    if (last > 2 && stem.charAt(last) == stem.charAt(last - 1)) {
      stem = stem.substring(0, last);
    }
    return stem.endsWith("y") ? stem.substring(0, stem.length() - 1) + "i" : stem;
  }

  private static String withoutPlural(String word) {
    if (!word.endsWith("s") || endsWithAny(word, "ss", "us", "is")) {
      return word;
    }
    if (word.endsWith("ies") && word.length() > 4) {
      return word.substring(0, word.length() - 3) + "y";
    }
    int ending = endsWithAny(word, "xes", "ches", "shes", "sses", "zes") ? 2 : 1;
    return word.substring(0, word.length() - ending);
  }

  private static boolean endsWithAny(String word, String... endings) {
    for (String ending : endings) {
      if (word.endsWith(ending)) {
        return true;
      }
    }
    return false;
  }

  private static String without(String word, String ending, int least) {
    int rest = word.length() - ending.length();
    if (rest < least || !word.endsWith(ending)) {
      return word;
    }
    for (int i = 0; i < rest; i++) {
      if ("aeiouy".indexOf(word.charAt(i)) >= 0) {
        return word.substring(0, rest);
      }
    }
    return word;
  }

  /**
   * Whether two words differ by one slip: a letter too many, one missing, a wrong one, or two
   * changed places.
   */
  static boolean oneSlip(String a, String b) {
    if (a.length() > b.length()) {
      return oneSlip(b, a);
    }
    if (b.length() - a.length() > 1 || a.equals(b)) {
      return false;
    }
    int i = 0;
    while (i < a.length() && a.charAt(i) == b.charAt(i)) {
      i++;
    }
    if (a.length() < b.length()) {
      return a.substring(i).equals(b.substring(i + 1));
    }
    boolean wrong = a.substring(i + 1).equals(b.substring(i + 1));
    boolean swapped =
        i + 1 < a.length()
            && a.charAt(i) == b.charAt(i + 1)
            && a.charAt(i + 1) == b.charAt(i)
            && a.substring(i + 2).equals(b.substring(i + 2));
    return wrong || swapped;
  }
}
