package io.coterie.guide;

import io.coterie.text.Texts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Answers questions about the agents that are installed, from what their manifests say. */
final class InstalledAgents {

  private static final int LONGEST_LINE = 1_000;
  private static final String HOW_TO_CALL =
      "\n\nBegin a message with `@` and the id to ask one of them, as in `@calculator 2^10`.";
  private static final Pattern UNKNOWN_MENTION =
      Pattern.compile(
          "^(?:what (?:does|is|can)|who is|tell me about|describe|explain)\\s+@([\\w-]{1,64})\\b.*",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern SOUGHT =
      Pattern.compile(
          "(?:(?:hi|hello),? )?(?:is there|are there|which|do you have|have you|any|what)\\b.*"
              + "\\b(?:agents?|bots?|assistants?)\\b(?: (?:here|there|installed|available))?"
              + " (?:that|which|who|for|to|can|could|should|able|do i)\\b(.*)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private final List<GuideAgent> installed;
  private final Set<String> names = new HashSet<>();

  InstalledAgents(List<GuideAgent> installed) {
    this.installed = installed;
    for (GuideAgent agent : installed) {
      names.addAll(HelpWords.split(agent.agentId()));
      names.addAll(HelpWords.split(agent.name()));
    }
  }

  /** The question with "agent" in place of each installed agent's id or name. */
  String withoutNames(String question) {
    List<String> words = HelpWords.split(question);
    return String.join(
        " ", words.stream().map(word -> names.contains(word) ? "agent" : word).toList());
  }

  /** What the question asks of one agent: nothing but what it is, beside its id or name. */
  Optional<String> aboutOne(String question) {
    List<String> words = HelpWords.split(question);
    for (GuideAgent agent : installed) {
      if (isAbout(words, agent.agentId()) || isAbout(words, agent.name())) {
        return Optional.of(describe(agent));
      }
    }
    Matcher unknown = UNKNOWN_MENTION.matcher(question.strip());
    return unknown.matches()
        ? Optional.of("There is no installed agent called `" + unknown.group(1) + "`.\n\n" + list())
        : Optional.empty();
  }

  private static boolean isAbout(List<String> words, String name) {
    List<String> nameWords = HelpWords.split(name);
    int at = nameWords.isEmpty() ? -1 : Collections.indexOfSubList(words, nameWords);
    if (at < 0) {
      return false;
    }
    List<String> rest = new ArrayList<>(words);
    rest.subList(at, at + nameWords.size()).clear();
    return rest.stream()
        .allMatch(word -> HelpWords.isIn("common", word) || HelpWords.isIn("about", word));
  }

  /** Whether somebody looks for an agent with a certain ability. */
  static boolean isSought(String question) {
    return SOUGHT.matcher(question.strip()).matches();
  }

  /** "Is there an agent that …": those whose description has a word of what is looked for. */
  Optional<String> fitting(String question) {
    Matcher sought = SOUGHT.matcher(question.strip());
    Set<String> wanted = new HashSet<>(HelpWords.terms(sought.matches() ? sought.group(1) : ""));
    wanted.removeIf(HelpWords::isCommon);
    String found = lines(agent -> HelpWords.terms(says(agent)).stream().anyMatch(wanted::contains));
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of("From their descriptions, these may fit:\n" + found + HOW_TO_CALL);
  }

  private static String says(GuideAgent agent) {
    return agent.name() + " " + agent.description();
  }

  /** What to say where no agent has the ability that is looked for. */
  String noneFitting() {
    return "No installed agent says in its description that it does that. More come with the"
        + " server: ask me *Which packages come with the server?*\n\n"
        + list();
  }

  /** All agents, under a heading. */
  String list() {
    return installed.isEmpty()
        ? "No agents are installed. Ask me *How do I install an agent package?*"
        : "**Agents on this server**\n" + lines(agent -> true) + HOW_TO_CALL;
  }

  /** The agents that answer without a model, so without anybody who charges for one. */
  String withoutModel() {
    String free = lines(agent -> !agent.asksModel());
    return free.isEmpty()
        ? "Every agent that you can call needs a model."
        : "**Agents that need no model and cost nothing**\n" + free;
  }

  private String lines(Predicate<GuideAgent> which) {
    StringBuilder lines = new StringBuilder();
    installed.stream()
        .filter(which)
        .forEach(
            agent ->
                lines
                    .append("\n- `" + agent.agentId() + "`: ")
                    .append(sentence(agent.description())));
    return lines.toString();
  }

  private static String describe(GuideAgent agent) {
    String version = agent.version() == null ? "" : ", version " + agent.version();
    String id = "`" + agent.agentId() + "`";
    StringBuilder answer = new StringBuilder("**" + oneLine(agent.name()) + "** (" + id + version);
    answer.append(")\n\n").append(sentence(agent.description()));
    if (agent.model() != null) {
      answer.append(" It uses the model `").append(agent.model()).append("`.");
    } else if (agent.asksModel()) {
      answer.append(" It uses the server's default model.");
    }
    String call = "`@" + agent.agentId();
    List<String> starters = agent.starters() == null ? List.of() : agent.starters();
    answer.append("\n\nTo ask it, begin a message with ").append(call).append('`');
    answer.append(starters.isEmpty() ? "." : ", for example:\n");
    starters.forEach(starter -> answer.append("\n- " + call + " " + oneLine(starter) + "`"));
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
    return text == null ? "" : Texts.oneLine(text.replace('`', '\''), LONGEST_LINE);
  }
}
