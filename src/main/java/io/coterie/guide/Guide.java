package io.coterie.guide;

import io.coterie.calculator.Calculator;
import io.coterie.guide.HelpIndex.Hit;
import io.coterie.text.Texts;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Answers questions about this server in Markdown, from the help that is bundled with it and from
 * the list of installed agents. It uses no model and no network, and says so when it does not know.
 * English only. Thread-safe; the help is read at the first question.
 */
public final class Guide {

  private static final String UNKNOWN =
      """
      I do not know that: I only answer questions about this server and its agents, from its help. I can help with

      - getting started: starting the server, accounts, workspaces, chats
      - agents and models: adding, calling, installing and writing agents; delegation, MCP tools; OpenAI, Anthropic, Ollama
      - the API: sending messages, WebSocket, server-sent events, polling, history, cancelling
      - running a server: settings, port, HTTPS, backup, upgrading, registration
      - what an error means

      Try *How do I create a workspace?* or *Which agents are there?*""";

  private static final double LEAST_COVERAGE = 0.52;
  private static final double NEAR_COVERAGE = 0.4;
  private static final double SURE_SCORE = 0.65;
  private static final double SEE_ALSO_RATIO = 0.85;
  private static final int MAX_QUESTION = 2_000;
  private static final int LONGEST_SMALL_TALK = 6;

  private static final String ASKING = "(?:how|what|where|which|why|when|who|can|is|do|does)\\b";
  private static final Pattern CLAUSE =
      Pattern.compile(
          "(?:[,.;:!?-]+|\\s(?:and|or))\\s+(?:(?:and|but|so|now|then) )*(?=" + ASKING + ")",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern BEGINS_ASKING =
      Pattern.compile("(?:so |and |please )?" + ASKING + ".*", CLAUSE.flags() | Pattern.DOTALL);

  /** The help, read when the first question needs it. */
  private static final class Bundled {
    static final List<HelpSection> SECTIONS = HelpDocs.bundled();
    static final HelpIndex INDEX = new HelpIndex(SECTIONS);
  }

  /** What the guide says about itself. */
  static String capabilities() {
    return Bundled.SECTIONS.stream()
        .filter(section -> section.id().equals("what-the-guide-can-do"))
        .map(HelpSection::body)
        .findFirst()
        .orElseThrow();
  }

  /**
   * The answer to a question.
   *
   * @param installed the agents that whoever asks can call
   */
  public String answer(String question, List<GuideAgent> installed) {
    String said = question == null ? "" : question.strip();
    String text = Texts.beginning(said.replaceFirst("(?i)^@guide\\b[\\s,:]*", ""), MAX_QUESTION);
    if (text.isBlank()) {
      return capabilities();
    }
    Optional<String> calculation = new Calculator().recognise(text);
    if (calculation.isPresent()) {
      String shown = calculation.get().replace('`', ' ').strip();
      return "That looks like a calculation: ask `@calculator " + shown + "`.";
    }
    InstalledAgents agents = new InstalledAgents(installed);
    return smallTalk(HelpWords.split(text))
        .or(() -> agents.aboutOne(text))
        .orElseGet(() -> fromHelp(text, agents));
  }

  private static Optional<String> smallTalk(List<String> words) {
    if (words.isEmpty() || words.size() > LONGEST_SMALL_TALK) {
      return Optional.empty();
    }
    if (words.stream().allMatch(word -> HelpWords.isIn("greeting", word))) {
      return Optional.of("Hello! " + capabilities());
    }
    if (words.stream().allMatch(word -> HelpWords.isIn("thanks", word))) {
      return Optional.of(
          "You are welcome. Ask me whenever something about this server is unclear.");
    }
    return words.stream().allMatch(word -> HelpWords.isIn("goodbye", word))
        ? Optional.of("Goodbye! Everything you wrote stays in this chat.")
        : Optional.empty();
  }

  private static String fromHelp(String text, InstalledAgents agents) {
    List<Hit> hits = search(text, agents);
    if (InstalledAgents.isSought(text) && best(hits) < HelpIndex.WORD_FOR_WORD) {
      Optional<String> fitting = agents.fitting(text);
      if (fitting.isPresent() || best(hits) < SURE_SCORE) {
        return fitting.orElseGet(agents::noneFitting);
      }
    }
    String[] clauses = CLAUSE.split(text);
    List<Hit> last = clauses.length == 1 ? hits : search(clauses[clauses.length - 1], agents);
    if (clauses.length == 2 && BEGINS_ASKING.matcher(clauses[0]).matches()) {
      List<Hit> first = search(clauses[0], agents);
      if (Math.min(best(first), best(last)) >= SURE_SCORE && !same(first, last)) {
        return answer(first.subList(0, 1), agents) + "\n\n" + answer(last.subList(0, 1), agents);
      }
    }
    return answer(best(last) > best(hits) ? last : hits, agents);
  }

  /** Looks for the question as it was written, and with the names of agents read as "agent". */
  private static List<Hit> search(String text, InstalledAgents agents) {
    List<Hit> written = Bundled.INDEX.search(text);
    List<Hit> ofAnyAgent = Bundled.INDEX.search(agents.withoutNames(text));
    return best(ofAnyAgent) > best(written) ? ofAnyAgent : written;
  }

  private static double best(List<Hit> hits) {
    return hits.isEmpty() ? 0 : hits.get(0).score();
  }

  private static boolean same(List<Hit> first, List<Hit> second) {
    return first.get(0).section().equals(second.get(0).section());
  }

  private static String answer(List<Hit> hits, InstalledAgents agents) {
    if (hits.isEmpty() || hits.get(0).coverage() < NEAR_COVERAGE) {
      return UNKNOWN;
    }
    if (hits.get(0).coverage() < LEAST_COVERAGE) {
      return UNKNOWN + "\n\nThe nearest that I have: " + title(hits.get(0).section());
    }
    double near = hits.get(0).score() * SEE_ALSO_RATIO;
    List<String> others =
        hits.stream()
            .skip(1)
            .filter(hit -> hit.coverage() >= LEAST_COVERAGE && hit.score() >= near)
            .limit(2)
            .map(hit -> title(hit.section()))
            .toList();
    String answer = text(hits.get(0).section(), agents);
    return others.isEmpty() ? answer : answer + "\n\nSee also: " + String.join(", ", others);
  }

  private static String text(HelpSection section, InstalledAgents agents) {
    return switch (section.id()) {
      case "what-the-guide-can-do" -> section.body();
      case "agents-on-this-server" -> agents.list() + "\n\n" + section.body();
      case "agents-that-need-no-model-and-cost-nothing" ->
          agents.withoutModel() + "\n\n" + section.body();
      default -> title(section) + "\n\n" + section.body();
    };
  }

  private static String title(HelpSection section) {
    return "**" + section.title() + "**";
  }
}
