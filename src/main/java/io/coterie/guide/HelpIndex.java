package io.coterie.guide;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds the section of the help that answers a question. Two measures decide, each from 0 to 1 and
 * both by the weight of words (a word that few sections are asked by weighs much, one that the help
 * does not know weighs most): BM25F over title, ways to ask and text, as a part of what a perfect
 * section would have; and how near the question is to the nearest of the ways to ask. Immutable and
 * thread-safe.
 */
final class HelpIndex {

  /**
   * A section that was found.
   *
   * @param score higher is better; {@link #WORD_FOR_WORD} for a question that stands in the help
   * @param coverage which part of the question's weight the section covers, 0 to 1
   */
  record Hit(HelpSection section, double score, double coverage) {}

  /** A way to ask, and what its terms weigh together. */
  private record Question(Set<String> terms, double weight) {}

  private record Entry(
      HelpSection section, List<Question> questions, Map<String, Double> frequencies) {}

  static final double WORD_FOR_WORD = 2;

  private static final int MAX_TERMS = 60;
  private static final int MAX_HITS = 5;

  /** What a word counts by where it stands. */
  private static final double IN_TITLE = 3;

  private static final double IN_QUESTION = 1;
  private static final double IN_TEXT = 0.3;

  /** How often a word has to stand in a section to count half: the k1 of BM25. */
  private static final double SATURATION = 0.5;

  private static final int SHORTEST_UNKNOWN = 3;

  private static final double COMMON_WEIGHT = 0.4;

  /** How surely a misspelt word was meant: with two letters in the wrong order, or any other. */
  private static final double SWAPPED = 0.9;

  private static final double SLIPPED = 0.5;
  private static final int SHORTEST_SLIP = 5;

  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, Double> weights = new HashMap<>();
  private final Map<String, HelpSection> wholeQuestions = new HashMap<>();
  private final Set<String> stems = new TreeSet<>();
  private final double unknownWeight;

  HelpIndex(List<HelpSection> sections) {
    List<Map<String, Double>> frequencies = sections.stream().map(this::frequencies).toList();
    Map<String, Integer> askedBy = new HashMap<>();
    for (Map<String, Double> section : frequencies) {
      section.forEach((term, f) -> askedBy.merge(term, f >= IN_QUESTION ? 1 : 0, Integer::sum));
    }
    unknownWeight = rarity(0, sections.size());
    askedBy.forEach((term, count) -> weights.put(term, weight(term, count, sections.size())));
    for (int i = 0; i < sections.size(); i++) {
      HelpSection section = sections.get(i);
      List<Question> questions = section.questions().stream().map(this::question).toList();
      entries.add(new Entry(section, questions, frequencies.get(i)));
    }
  }

  private Map<String, Double> frequencies(HelpSection section) {
    Map<String, Double> frequencies = new HashMap<>();
    for (String question : section.questions()) {
      wholeQuestions.putIfAbsent(String.join(" ", HelpWords.split(question)), section);
      HelpWords.split(question).forEach(word -> stems.add(HelpWords.stem(word)));
      double count = question.equals(section.title()) ? IN_TITLE : IN_QUESTION;
      Set.copyOf(HelpWords.terms(question))
          .forEach(term -> frequencies.merge(term, count, Double::sum));
    }
    Set.copyOf(HelpWords.terms(section.body()))
        .forEach(term -> frequencies.merge(term, IN_TEXT, Double::sum));
    return frequencies;
  }

  /** The inverse document frequency of BM25; half of it for a word that nobody asks with. */
  private static double weight(String term, int askedBy, int sections) {
    double weight = rarity(askedBy, sections) / (askedBy == 0 ? 2 : 1);
    return HelpWords.isCommon(term) ? Math.min(COMMON_WEIGHT, weight) : weight;
  }

  private static double rarity(int askedBy, int sections) {
    return Math.log(1 + (sections - askedBy + 0.5) / (askedBy + 0.5));
  }

  private double weight(String term) {
    boolean little = HelpWords.isCommon(term) || term.length() < SHORTEST_UNKNOWN;
    return weights.getOrDefault(term, little ? COMMON_WEIGHT : unknownWeight);
  }

  private Question question(String text) {
    Set<String> terms = Set.copyOf(HelpWords.terms(text));
    return new Question(terms, terms.stream().mapToDouble(this::weight).sum());
  }

  /** The sections nearest to a question, best first. */
  List<Hit> search(String question) {
    Map<String, Double> asked = asked(question);
    double total = asked.keySet().stream().mapToDouble(this::weight).sum();
    HelpSection whole = wholeQuestions.get(String.join(" ", HelpWords.split(question)));
    return entries.stream()
        .map(
            entry ->
                entry.section().equals(whole)
                    ? new Hit(whole, WORD_FOR_WORD, 1)
                    : hit(entry, asked, total))
        .filter(hit -> hit.score() > 0)
        .sorted(Comparator.comparingDouble(Hit::score).reversed())
        .limit(MAX_HITS)
        .toList();
  }

  /** The terms of a question, each with how surely it was meant. */
  private Map<String, Double> asked(String question) {
    Map<String, Double> asked = new LinkedHashMap<>();
    for (String term : HelpWords.terms(question).stream().limit(MAX_TERMS).toList()) {
      boolean known = weights.containsKey(term) || HelpWords.isCommon(term);
      String meant = known ? term : corrected(term);
      double certainty = known ? 1 : HelpWords.sameLetters(term, meant) ? SWAPPED : SLIPPED;
      asked.merge(HelpWords.canonical(meant), certainty, Math::max);
    }
    return asked;
  }

  /** What a word that is one slip away from one of the help stands for; else the word itself. */
  private String corrected(String word) {
    return stems.stream()
        .filter(stem -> stem.charAt(0) == word.charAt(0))
        .filter(stem -> Math.max(stem.length(), word.length()) >= SHORTEST_SLIP)
        .filter(stem -> HelpWords.oneSlip(word, stem))
        .min(Comparator.comparingDouble(stem -> weight(HelpWords.canonical(stem))))
        .orElse(word);
  }

  private Hit hit(Entry entry, Map<String, Double> asked, double total) {
    double covered = 0;
    boolean substance = false;
    for (Map.Entry<String, Double> term : asked.entrySet()) {
      double frequency = entry.frequencies().getOrDefault(term.getKey(), 0.0);
      double part = frequency / (frequency + SATURATION);
      covered += part * weight(term.getKey()) * term.getValue();
      substance |= frequency >= IN_QUESTION && !HelpWords.isCommon(term.getKey());
    }
    double coverage = substance ? covered / total : 0;
    double score = substance ? (coverage + nearest(entry, asked, total)) / 2 : 0;
    return new Hit(entry.section(), score, coverage);
  }

  /** How near the nearest way to ask is: twice the weight that is shared over that of both. */
  private double nearest(Entry entry, Map<String, Double> asked, double total) {
    double best = 0;
    for (Question question : entry.questions()) {
      double shared = 0;
      for (String term : question.terms()) {
        Double certainty = asked.get(term);
        shared += certainty == null ? 0 : certainty * weight(term);
      }
      best = Math.max(best, 2 * shared / (total + question.weight()));
    }
    return best;
  }
}
