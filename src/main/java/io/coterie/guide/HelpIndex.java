package io.coterie.guide;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * Finds the section of the help that answers a question. What decides: how much of the question's
 * weight a section covers (a rare word weighs more, a word that the help does not know weighs
 * most), how near the question is to one of the ways people ask for the section, and how central
 * the question's words are to it. Immutable and thread-safe; about a hundred sections.
 */
final class HelpIndex {

  /**
   * A section that was found.
   *
   * @param score higher is better; above 1 for a question that stands in the help word for word
   * @param coverage which part of the question's weight the section covers, 0 to 1
   */
  record Hit(HelpSection section, double score, double coverage) {}

  /**
   * What a search found.
   *
   * @param hits best first, at most five
   * @param unknown whether the question has a word that the whole help does not know
   */
  record Result(List<Hit> hits, boolean unknown) {}

  private static final int MAX_WORDS = 60;
  private static final double UNKNOWN_WEIGHT = 4.5;
  private static final double WEAK_WEIGHT = 0.6;
  private static final double ACTION_WEIGHT = 1.8;
  private static final double BODY_ONLY = 0.45;
  private static final double SLIP = 0.9;
  private static final double COVERAGE_PART = 0.3;
  private static final double PHRASE_PART = 0.45;
  private static final double CENTRAL_PART = 0.25;
  private static final int TITLE_BONUS = 3;
  private static final double SATURATION = 2;

  /** A section with its terms counted. */
  private record Entry(
      HelpSection section,
      List<Set<String>> phrases,
      Map<String, Integer> counts,
      Set<String> bodyTerms) {}

  /** The terms of a question, each with how surely it was meant (1, less after a slip). */
  private record Query(Map<String, Double> terms, boolean unknown) {}

  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, Double> weights = new HashMap<>();
  private final Map<String, HelpSection> exact = new HashMap<>();
  private final List<String> vocabulary;

  HelpIndex(List<HelpSection> sections) {
    Map<String, Integer> frequency = new HashMap<>();
    Set<String> words = new TreeSet<>();
    for (HelpSection section : sections) {
      Entry entry = entry(section, words);
      entries.add(entry);
      entry.counts().keySet().forEach(term -> frequency.merge(term, 1, Integer::sum));
    }
    vocabulary = List.copyOf(words);
    double n = sections.size();
    frequency.forEach((term, df) -> weights.put(term, Math.log(1 + (n - df + 0.5) / (df + 0.5))));
    // A word that only stands in running text is known, but says little.
    for (Entry entry : entries) {
      entry.bodyTerms().forEach(term -> weights.putIfAbsent(term, UNKNOWN_WEIGHT / 2));
    }
  }

  private Entry entry(HelpSection section, Set<String> known) {
    List<Set<String>> phrases = new ArrayList<>();
    Map<String, Integer> counts = new HashMap<>();
    List<String> all = new ArrayList<>(section.asks());
    all.add(section.title());
    for (String phrase : all) {
      List<String> words = HelpWords.split(phrase);
      exact.putIfAbsent(String.join(" ", words), section);
      Set<String> terms = contentTerms(words);
      words.stream().filter(word -> word.length() > 3).forEach(known::add);
      boolean title = phrase.equals(section.title());
      terms.forEach(term -> counts.merge(term, title ? TITLE_BONUS : 1, Integer::sum));
      phrases.add(terms);
    }
    Set<String> body = contentTerms(HelpWords.split(section.body()));
    return new Entry(section, List.copyOf(phrases), Map.copyOf(counts), body);
  }

  private static Set<String> contentTerms(List<String> words) {
    Set<String> terms = new HashSet<>();
    for (String word : words) {
      if (!HelpWords.isStop(word)) {
        terms.add(HelpWords.term(word).intern());
      }
    }
    return Set.copyOf(terms);
  }

  /**
   * The sections nearest to a question.
   *
   * @param replace what to read in place of a word of the question, such as "agent" for an id
   */
  Result search(String question, UnaryOperator<String> replace) {
    List<String> words = HelpWords.split(question);
    if (words.size() > MAX_WORDS) {
      words = words.subList(0, MAX_WORDS);
    }
    HelpSection whole = exact.get(String.join(" ", words));
    Query query = query(words, replace);
    List<Hit> hits = new ArrayList<>();
    for (Entry entry : entries) {
      Hit hit = score(entry, query, entry.section().equals(whole));
      if (hit.score() > 0) {
        hits.add(hit);
      }
    }
    hits.sort(Comparator.comparingDouble(Hit::score).reversed());
    return new Result(List.copyOf(hits.subList(0, Math.min(5, hits.size()))), query.unknown());
  }

  private Query query(List<String> words, UnaryOperator<String> replace) {
    Map<String, Double> terms = new LinkedHashMap<>();
    boolean unknown = false;
    for (String word : words) {
      if (HelpWords.isStop(word)) {
        continue;
      }
      String term = HelpWords.term(replace.apply(word));
      double certainty = 1;
      if (!weights.containsKey(term) && !HelpWords.isWeak(term) && !HelpWords.isFiller(term)) {
        String corrected = corrected(word);
        if (corrected == null) {
          if (word.length() < 3) {
            continue;
          }
          unknown = true;
        } else if (HelpWords.isStop(corrected)) {
          continue;
        } else {
          term = HelpWords.term(corrected);
          certainty = SLIP;
        }
      }
      terms.merge(term, certainty, Math::max);
    }
    return new Query(terms, unknown);
  }

  /** The word of the help that a misspelt one most likely stands for, or null. */
  private String corrected(String word) {
    if (word.length() < 4
        || HelpWords.isNoSlip(word)
        || word.chars().anyMatch(Character::isDigit)) {
      return null;
    }
    String best = null;
    for (String known : vocabulary) {
      if (known.charAt(0) == word.charAt(0)
          && HelpWords.oneSlip(word, known)
          && isSlip(word, known)
          && (best == null || weight(HelpWords.term(known)) < weight(HelpWords.term(best)))) {
        best = known;
      }
    }
    return best;
  }

  /** Not every word that is one letter away is meant: "chart" is no chat, "router" no route. */
  private static boolean isSlip(String word, String known) {
    boolean longEnough =
        known.length() > 4 || known.length() == word.length() && sorted(known).equals(sorted(word));
    return longEnough && (word.length() > 6 || !onlyEndingsDiffer(word, known));
  }

  private static boolean onlyEndingsDiffer(String a, String b) {
    boolean lastLetter = a.length() == b.length() && a.startsWith(b.substring(0, b.length() - 1));
    return lastLetter || a.startsWith(b) || b.startsWith(a);
  }

  private static String sorted(String word) {
    return word.chars()
        .sorted()
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private double weight(String term) {
    double weight =
        weights.getOrDefault(term, HelpWords.isFiller(term) ? WEAK_WEIGHT : UNKNOWN_WEIGHT);
    if (HelpWords.isWeak(term)) {
      return Math.min(WEAK_WEIGHT, weight);
    }
    return HelpWords.isAction(term) ? Math.min(ACTION_WEIGHT, weight) : weight;
  }

  private Hit score(Entry entry, Query query, boolean whole) {
    double total = 0;
    double covered = 0;
    double central = 0;
    boolean substance = false;
    for (Map.Entry<String, Double> term : query.terms().entrySet()) {
      double weight = weight(term.getKey());
      total += weight;
      int count = entry.counts().getOrDefault(term.getKey(), 0);
      if (count > 0) {
        covered += weight * term.getValue();
        substance |= !HelpWords.isWeak(term.getKey());
        central += weight * term.getValue() * count / (count + SATURATION);
      } else if (entry.bodyTerms().contains(term.getKey())) {
        covered += weight * BODY_ONLY * term.getValue();
      }
    }
    if (whole) {
      return new Hit(entry.section(), 2, 1);
    }
    if (!substance) {
      return new Hit(entry.section(), 0, 0);
    }
    double coverage = covered / total;
    double score =
        COVERAGE_PART * coverage
            + PHRASE_PART * nearestPhrase(entry, query, total)
            + CENTRAL_PART * central / total;
    return new Hit(entry.section(), score, coverage);
  }

  /**
   * How near the question is to the nearest way to ask, 0 to 1: twice the shared weight over both.
   */
  private double nearestPhrase(Entry entry, Query query, double total) {
    double best = 0;
    for (Set<String> phrase : entry.phrases()) {
      double shared = 0;
      double size = 0;
      for (String term : phrase) {
        double weight = weight(term);
        size += weight;
        shared += weight * query.terms().getOrDefault(term, 0.0);
      }
      if (shared > 0) {
        best = Math.max(best, 2 * shared / (total + size));
      }
    }
    return best;
  }
}
