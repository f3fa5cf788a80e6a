package io.coterie.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** How well the guide answers, over lists of questions asked in many ways. */
class GuideTest {

  private static final List<AgentManifest> INSTALLED =
      List.of(
          agent("guide", "Guide", "Answers questions about this server."),
          agent("echo", "Echo", "Repeats what you send."),
          agent("calculator", "Calculator", "Works out arithmetic."),
          agent("coordinator", "Coordinator", "Talks about anything."),
          agent("translator", "Translator", "Translates into French"));

  private static final Map<String, String> IDS =
      HelpDocs.bundled().stream().collect(Collectors.toMap(HelpSection::title, HelpSection::id));

  private final Guide guide = new Guide();

  static AgentManifest agent(String id, String name, String description) {
    String kind = id.equals("translator") ? "llm" : "builtin";
    return new AgentManifest(
        id,
        "1.0.0",
        name,
        description,
        kind,
        null,
        null,
        null,
        List.of(),
        List.of(),
        null,
        List.of(),
        null,
        null);
  }

  @Test
  void answer_coreQuestions_areAllAnswered() throws IOException {
    assertThat(mistakes("core.txt")).isEmpty();
  }

  @Test
  void answer_knownPhrasings_areAnswered() throws IOException {
    List<String> mistakes = mistakes("questions.txt");
    assertThat(mistakes).as(String.join("\n", mistakes)).hasSizeLessThanOrEqualTo(0);
  }

  @Test
  void answer_heldOutPhrasings_areMostlyAnswered() throws IOException {
    List<String> mistakes = mistakes("questions-held-out.txt");
    assertThat(mistakes).as(String.join("\n", mistakes)).hasSizeLessThanOrEqualTo(0);
  }

  @Test
  void answer_outOfScope_saysThatItDoesNotKnow() throws IOException {
    List<String> mistakes = answered("outside.txt");
    assertThat(mistakes).as(String.join("\n", mistakes)).isEmpty();
  }

  @Test
  void answer_heldOutOutOfScope_saysThatItDoesNotKnow() throws IOException {
    List<String> mistakes = answered("outside-held-out.txt");
    assertThat(mistakes).as(String.join("\n", mistakes)).isEmpty();
  }

  private List<String> mistakes(String resource) throws IOException {
    List<String> mistakes = new ArrayList<>();
    for (String line : lines(resource)) {
      String[] parts = line.split(" => ");
      String found = heading(guide.answer(parts[0], INSTALLED));
      if (!List.of(parts[1].split(" \\| ")).contains(found)) {
        mistakes.add(line + " (found " + found + ")");
      }
    }
    return mistakes;
  }

  private List<String> answered(String resource) throws IOException {
    List<String> mistakes = new ArrayList<>();
    for (String line : lines(resource)) {
      String answer = guide.answer(line, INSTALLED);
      if (!answer.startsWith("I do not know")) {
        mistakes.add(line + " (found " + heading(answer) + ")");
      }
    }
    return mistakes;
  }

  private static String heading(String answer) {
    int end = answer.startsWith("**") ? answer.indexOf("**", 2) : -1;
    String title = end < 0 ? "none" : answer.substring(2, end);
    return IDS.getOrDefault(title, title);
  }

  private static List<String> lines(String resource) throws IOException {
    try (InputStream in = GuideTest.class.getResourceAsStream("/guide/" + resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    }
  }
}
