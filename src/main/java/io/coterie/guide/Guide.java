package io.coterie.guide;

import io.coterie.calculator.Calculator;
import io.coterie.guide.HelpIndex.Hit;
import io.coterie.guide.HelpIndex.Result;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Answers questions about this server in Markdown, from the help that is bundled with it and from
 * the list of installed agents. It uses no model and no network, and says so when it does not know.
 * English only. Thread-safe; the help is read at the first question.
 */
public final class Guide {

  static final String UNKNOWN =
      """
      I do not know that: I only answer questions about this server and its agents, from its help. I can help with

      - getting started: starting the server, accounts, workspaces, chats
      - agents and models: adding, calling, installing and writing agents; delegation, MCP tools; OpenAI, Anthropic, Ollama
      - the API: sending messages, WebSocket, server-sent events, polling, history, cancelling
      - running a server: settings, port, HTTPS, backup, upgrading, registration
      - what an error means

      Try *How do I create a workspace?* or *Which agents are there?*""";

  static final String CAPABILITIES =
      """
      I am `guide`: I answer questions about this server and its agents, without any model or network. Ask me, for example:

      - *What is this?*
      - *How do I start a chat?*
      - *Which agents are there?*
      - *Why does it say that no model is configured?*
      - *How do I connect with a WebSocket?*
      - *How do I back up the data?*

      For arithmetic, begin your message with `@calculator`.""";

  private static final double LEAST_COVERAGE = 0.58;
  private static final double LEAST_SCORE = 0.46;
  private static final double SURE_SCORE = 0.65;
  private static final double SEE_ALSO_RATIO = 0.85;
  private static final int MAX_QUESTION = 2_000;

  private static final Pattern LAST_CLAUSE =
      Pattern.compile(
          ".*[,.;:!?-]\\s+((?:(?:and|but|so|now|then) )*(?:how|what|where|which|why|when|who|can|is|do)\\b.*)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private static final Pattern TWO_QUESTIONS =
      Pattern.compile(
          "(?:so |and |please )?((?:how|what|where|which|why|when|who|can|is|do|does)\\b.{3,300}?)"
              + "[,?.]? (?:and|or) (?:then )?((?:how|what|where|which|why|when|who|can|is|do|does)\\b.{3,300})",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private static final Set<String> GREETINGS =
      HelpWords.words(
          """
          hi hello hey hallo howdy greetings yo hiya good morning afternoon evening day
          there guide everyone all
          """);
  private static final Set<String> THANKS =
      HelpWords.words(
          """
          thanks thank you thx ty cheers great perfect cool ok okay nice very much so a
          lot many good job awesome that helped was helpful guide got it well done
          """);
  private static final Set<String> GOODBYES =
      Set.of("bye", "goodbye", "see", "later", "you", "cya");
  private static final Set<String> ABILITIES =
      HelpWords.lines(
          """
          help
          help me
          what can you do
          what do you do
          who are you
          who is this
          who am i talking to
          who am i speaking to
          what is your name
          whats your name
          do you have a name
          tell me your name
          your name
          what are you
          what can i ask
          what can i ask you
          how can you help
          how can you help me
          what do you know
          can you help me
          can you help
          i need help
          what can you help with
          what can you help me with
          what can you do for me
          what are you for
          menu
          commands
          what is the guide
          how do you work
          what questions can you answer
          what can you tell me
          what can i do here
          are you a bot
          are you human
          are you an ai
          introduce yourself
          what should i ask
          what are your capabilities
          """);

  /** The index, built when the first question needs it. */
  private static final class Bundled {
    static final List<HelpSection> SECTIONS = HelpDocs.bundled();
    static final HelpIndex INDEX = new HelpIndex(SECTIONS);
  }

  /**
   * The answer to a question.
   *
   * @param installed the agents that whoever asks can call
   */
  public String answer(String question, List<GuideAgent> installed) {
    String text = withoutMention(question == null ? "" : question.strip());
    String plain = String.join(" ", words(text));
    if (text.isBlank() || ABILITIES.contains(plain)) {
      return CAPABILITIES;
    }
    Optional<String> calculation = new Calculator().recognise(text);
    if (calculation.isPresent()) {
      String shown = calculation.get().replace('`', ' ').strip();
      return "That looks like a calculation: ask `@calculator " + shown + "`.";
    }
    if (plain.isEmpty()) {
      return UNKNOWN;
    }
    String smallTalk = smallTalk(plain);
    if (smallTalk != null) {
      return smallTalk;
    }
    InstalledAgents agents = new InstalledAgents(installed);
    return agents.answer(text).orElseGet(() -> fromHelp(text, agents));
  }

  private static String withoutMention(String text) {
    String rest = text.replaceFirst("(?i)^@guide\\b[\\s,:]*", "");
    return rest.length() > MAX_QUESTION ? rest.substring(0, MAX_QUESTION) : rest;
  }

  private static List<String> words(String text) {
    String plain = text.toLowerCase(Locale.ROOT).replaceAll("['’]", "");
    return List.of(plain.replaceAll("[^\\p{L}\\p{N}]+", " ").strip().split(" "));
  }

  private static String smallTalk(String plain) {
    List<String> words = List.of(plain.split(" "));
    if (words.size() > 6) {
      return null;
    }
    if (GREETINGS.containsAll(words)) {
      return "Hello! " + CAPABILITIES;
    }
    if (THANKS.containsAll(words)) {
      return "You are welcome. Ask me whenever something about this server is unclear.";
    }
    return GOODBYES.containsAll(words) ? "Goodbye! Everything you wrote stays in this chat." : null;
  }

  private static String fromHelp(String text, InstalledAgents agents) {
    Result result = search(text, agents);
    List<Hit> hits = result.hits();
    if (InstalledAgents.isSought(text) && best(result) < SURE_SCORE) {
      return agents.noneFound();
    }
    Optional<String> both = halves(text, agents);
    if (both.isPresent()) {
      return both.get();
    }
    if (hits.isEmpty() || !answers(hits.get(0))) {
      List<HelpSection> status = StatusCodes.sections(text, Bundled.SECTIONS, result.unknown());
      if (!status.isEmpty()) {
        return withOthers(status.get(0), status.stream().skip(1).toList());
      }
      boolean near =
          !hits.isEmpty() && !result.unknown() && hits.get(0).coverage() > LEAST_COVERAGE;
      return near
          ? UNKNOWN + "\n\nThe nearest that I have: " + title(hits.get(0).section())
          : UNKNOWN;
    }
    Hit best = hits.get(0);
    return withOthers(
        best.section(),
        hits.stream()
            .skip(1)
            .filter(hit -> answers(hit) && hit.score() >= SEE_ALSO_RATIO * best.score())
            .limit(2)
            .map(Hit::section)
            .toList());
  }

  /** "Where is the data, and how do I back it up?" has two answers. */
  private static Optional<String> halves(String text, InstalledAgents agents) {
    Matcher two = TWO_QUESTIONS.matcher(text);
    if (!two.matches()) {
      return Optional.empty();
    }
    Result first = search(two.group(1), agents);
    Result second = search(two.group(2), agents);
    if (best(first) < SURE_SCORE || best(second) < SURE_SCORE) {
      return Optional.empty();
    }
    HelpSection one = first.hits().get(0).section();
    HelpSection other = second.hits().get(0).section();
    return one.equals(other)
        ? Optional.empty()
        : Optional.of(withOthers(one, List.of()) + "\n\n" + withOthers(other, List.of()));
  }

  private static String withOthers(HelpSection section, List<HelpSection> others) {
    String answer = title(section) + "\n\n" + section.body();
    List<String> titles = others.stream().map(Guide::title).toList();
    return titles.isEmpty() ? answer : answer + "\n\nSee also: " + String.join(", ", titles);
  }

  /**
   * Looks for the question as it was written, with the names of agents read as "agent", and for its
   * last clause alone ("I have an account, how do I log in?"); the best one counts.
   */
  private static Result search(String text, InstalledAgents agents) {
    UnaryOperator<String> anyAgent = word -> agents.isName(word) ? "agent" : word;
    Result best =
        better(Bundled.INDEX.search(text, word -> word), Bundled.INDEX.search(text, anyAgent));
    Matcher clause = LAST_CLAUSE.matcher(text);
    if (!best.unknown() && clause.matches()) {
      best = better(best, Bundled.INDEX.search(clause.group(1), anyAgent));
    }
    return best;
  }

  private static Result better(Result first, Result second) {
    return best(second) > best(first) ? second : first;
  }

  private static double best(Result result) {
    return result.hits().isEmpty() ? 0 : result.hits().get(0).score();
  }

  private static boolean answers(Hit hit) {
    return hit.coverage() >= LEAST_COVERAGE && hit.score() >= LEAST_SCORE;
  }

  private static String title(HelpSection section) {
    return "**" + section.title() + "**";
  }
}
