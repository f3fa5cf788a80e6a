package io.coterie.guide;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Answers questions about the agents that are installed, from what their manifests say. */
final class InstalledAgents {

  private static final Set<String> AGENTS = Set.of("agents", "bots", "assistants");
  private static final Set<String> ASKS_FOR_LIST =
      HelpWords.words(
          """
          which what whats list show see display any all available installed who names
          name are give tell my
          """);
  private static final Set<String> LIST_FILLER =
      HelpWords.words(
          """
          can i use are there is the me do you have we here on this server exist exists to
          talk with call ask a of currently now right please for at moment chat could get
          got your ai in run running access about other mention choose from does has hi
          hello so and work up message registered
          """);
  private static final Set<String> ABOUT_ONE =
      HelpWords.words(
          """
          what whats who whos which does do is the a an agent bot assistant can for about
          tell me describe explain use used good how i to talk ask call called message
          with of purpose job capable capabilities know more information info details
          version model it s this that help has at hello hi please there you should when
          why would work works mean here show skills thing in on server and
          """);
  private static final Pattern UNKNOWN_MENTION =
      Pattern.compile(
          "^(?:what (?:does|is|can)|who is|tell me about|describe|explain)\\s+@([\\w-]{1,64})\\b.*",
          Pattern.CASE_INSENSITIVE);
  private static final Set<String> COST =
      HelpWords.words(
          """
          free without no not need needs needing dont doesnt pay paying payment cost costs
          money charge charges model models llm llms api key keys subscription nothing any
          anything that which charged require requires an of working one
          """);
  private static final Pattern FOR_FREE =
      Pattern.compile(
          ".*\\b(?:free|for nothing"
              + "|(?:without|no|not|dont|don't|doesn't|need(?:s|ing)? no)\\b(?: \\w+){0,3}?"
              + " (?:pay|paying|payment|costs?|money|charges?|charged|models?|llms?|(?:api )?keys?|subscription))\\b.*",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Pattern ASKS =
      Pattern.compile(
          "(?:(?:hi|hello),? )?(?:is there|are there|which|do you have|have you|any|what)\\b.*",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Pattern SOUGHT =
      Pattern.compile(
          ".*\\b(?:agents?|bots?|assistants?)\\b(?: (?:here|there|installed|available))?"
              + " (?:that|which|who|for|to|can|could|should|able|do i)\\b(.*)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private final List<GuideAgent> installed;
  private final Set<String> names = new HashSet<>();

  InstalledAgents(List<GuideAgent> installed) {
    this.installed = installed;
    for (GuideAgent agent : installed) {
      names.addAll(words(agent.agentId()));
      names.addAll(words(agent.name()));
    }
  }

  /** Whether a word is part of an installed agent's id or name. */
  boolean isName(String word) {
    return names.contains(word);
  }

  /** The answer, if the question is one about the installed agents. */
  Optional<String> answer(String question) {
    List<String> words = words(question);
    for (GuideAgent agent : installed) {
      if (isAbout(words, agent)) {
        return Optional.of(describe(agent));
      }
    }
    Matcher unknown = UNKNOWN_MENTION.matcher(question.strip());
    if (unknown.matches()) {
      String id = unknown.group(1);
      return Optional.of("There is no installed agent called `" + id + "`.\n\n" + list());
    }
    if (asksForList(words)) {
      return Optional.of(list());
    }
    return FOR_FREE.matcher(question).matches() && isOnlyAboutCost(words)
        ? Optional.of(withoutModel())
        : sought(question);
  }

  private static boolean isOnlyAboutCost(List<String> words) {
    return words.stream().anyMatch(AGENTS::contains)
        && words.stream()
            .allMatch(
                word ->
                    AGENTS.contains(word)
                        || ASKS_FOR_LIST.contains(word)
                        || LIST_FILLER.contains(word)
                        || COST.contains(word))
        && !words.contains("how");
  }

  /** The agents that answer without a model, so without anybody who charges for one. */
  private String withoutModel() {
    List<GuideAgent> free = installed.stream().filter(agent -> !agent.asksModel()).toList();
    if (free.isEmpty()) {
      return "Every agent that you can call needs a model.";
    }
    StringBuilder answer = new StringBuilder("**Agents that need no model and cost nothing**\n");
    free.forEach(agent -> answer.append('\n').append(line(agent)));
    return answer
        .append(
            "\n\nThe others use a model; one that runs locally with Ollama costs nothing either.")
        .toString();
  }

  private static List<String> words(String text) {
    if (text == null) {
      return List.of();
    }
    String plain = text.toLowerCase(Locale.ROOT).replaceAll("['’]", "");
    String[] words = plain.replaceAll("[^\\p{L}\\p{N}]+", " ").strip().split(" ");
    return List.of(words).stream().filter(word -> !word.isEmpty()).toList();
  }

  /** The question names the agent and, beside it, says nothing but that it asks what it is. */
  private static boolean isAbout(List<String> words, GuideAgent agent) {
    return isAbout(words, words(agent.agentId())) || isAbout(words, words(agent.name()));
  }

  private static boolean isAbout(List<String> words, List<String> name) {
    int at = name.isEmpty() ? -1 : Collections.indexOfSubList(words, name);
    if (at < 0) {
      return false;
    }
    List<String> rest = new ArrayList<>(words.subList(0, at));
    rest.addAll(words.subList(at + name.size(), words.size()));
    return ABOUT_ONE.containsAll(rest);
  }

  private static boolean asksForList(List<String> words) {
    boolean agents = words.stream().anyMatch(AGENTS::contains);
    boolean list = words.stream().anyMatch(ASKS_FOR_LIST::contains);
    boolean nothingElse =
        words.stream()
            .allMatch(
                word ->
                    AGENTS.contains(word)
                        || ASKS_FOR_LIST.contains(word)
                        || LIST_FILLER.contains(word));
    boolean definition = words.size() <= 3 && !words.contains("there") && words.contains("are");
    return agents && list && nothingElse && !definition && !words.contains("how");
  }

  /** "Is there an agent that …": those whose description has a word of what is looked for. */
  private Optional<String> sought(String question) {
    Matcher matcher = SOUGHT.matcher(question);
    boolean asks =
        question
            .strip()
            .matches(
                "(?i)(?:hi,? |hello,? )?(?:is there|are there|which|do you have|have you|any|what)\\b.*");
    if (!asks || !matcher.matches()) {
      return Optional.empty();
    }
    Set<String> wanted = new HashSet<>();
    for (String word : HelpWords.split(matcher.group(1))) {
      if (!HelpWords.isStop(word)) {
        wanted.add(HelpWords.term(word));
      }
    }
    List<GuideAgent> found = installed.stream().filter(agent -> sharesTerm(agent, wanted)).toList();
    if (found.isEmpty()) {
      return Optional.empty();
    }
    StringBuilder answer = new StringBuilder("From their descriptions, these may fit:\n");
    found.forEach(agent -> answer.append('\n').append(line(agent)));
    return Optional.of(answer.append(HOW_TO_CALL).toString());
  }

  /** Whether somebody looks for an agent with a certain ability. */
  static boolean isSought(String question) {
    return ASKS.matcher(question.strip()).matches() && SOUGHT.matcher(question).matches();
  }

  /** What to say where no agent has the ability that is looked for. */
  String noneFound() {
    return "No installed agent says in its description that it does that. More come with the server:"
        + " ask me *Which packages come with the server?*\n\n"
        + list();
  }

  private static boolean sharesTerm(GuideAgent agent, Set<String> wanted) {
    for (String word : HelpWords.split(agent.name() + " " + agent.description())) {
      if (!HelpWords.isStop(word) && wanted.contains(HelpWords.term(word))) {
        return true;
      }
    }
    return false;
  }

  private static final String HOW_TO_CALL =
      "\n\nBegin a message with `@` and the id to ask one of them, as in `@calculator 2^10`.";

  private String list() {
    if (installed.isEmpty()) {
      return "No agents are installed. Ask me *How do I install an agent package?*";
    }
    StringBuilder answer = new StringBuilder("**Agents on this server**\n");
    installed.forEach(agent -> answer.append('\n').append(line(agent)));
    return answer.append(HOW_TO_CALL).toString();
  }

  private static String line(GuideAgent agent) {
    return "- `" + agent.agentId() + "`: " + sentence(agent.description());
  }

  private static String describe(GuideAgent agent) {
    StringBuilder answer = new StringBuilder();
    answer.append("**").append(oneLine(agent.name())).append("** (`").append(agent.agentId());
    answer.append("`");
    if (agent.version() != null && !agent.version().isBlank()) {
      answer.append(", version ").append(agent.version());
    }
    answer.append(")\n\n").append(sentence(agent.description()));
    if (agent.model() != null) {
      answer.append(" It uses the model `").append(agent.model()).append("`.");
    } else if (agent.asksModel()) {
      answer.append(" It uses the server's default model.");
    }
    answer.append("\n\nTo ask it, begin a message with `@").append(agent.agentId()).append("`");
    List<String> starters = agent.starters() == null ? List.of() : agent.starters();
    answer.append(starters.isEmpty() ? "." : ", for example:\n");
    starters.forEach(
        starter ->
            answer
                .append("\n- `@")
                .append(agent.agentId())
                .append(' ')
                .append(oneLine(starter))
                .append('`'));
    return answer.toString();
  }

  private static String sentence(String text) {
    String line = oneLine(text);
    if (line.isEmpty()) {
      return "it does not say what it does.";
    }
    return line.matches(".*[.!?]$") ? line : line + ".";
  }

  private static String oneLine(String text) {
    return text == null ? "" : text.replaceAll("\\s+", " ").replace("`", "'").strip();
  }
}
