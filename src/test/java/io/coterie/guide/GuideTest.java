package io.coterie.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How well the guide answers, over lists of questions asked in many ways. */
class GuideTest {

  private static final List<GuideAgent> INSTALLED =
      List.of(
          agent("guide", "Guide", "Answers questions about this server."),
          agent("echo", "Echo", "Repeats what you send."),
          agent("calculator", "Calculator", "Works out arithmetic."),
          agent("coordinator", "Coordinator", "Talks about anything."),
          agent("translator", "Translator", "Translates into French"));

  private static final Map<String, String> IDS =
      HelpDocs.bundled().stream().collect(Collectors.toMap(HelpSection::title, HelpSection::id));

  private final Guide guide = new Guide();

  static GuideAgent agent(String id, String name, String description) {
    boolean asksModel = id.equals("translator") || id.equals("coordinator");
    return new GuideAgent(id, "1.0.0", name, description, asksModel, null, List.of());
  }

  @Test
  void answer_coreQuestions_areAllAnswered() throws IOException {
    assertThat(mistakes("core.txt")).isEmpty();
  }

  @Test
  void answer_coreQuestionsInCapitalsAndUnpunctuated_areAllAnswered() throws IOException {
    List<String> mistakes = new ArrayList<>();
    for (String line : lines("core.txt")) {
      String[] parts = line.split(" => ");
      String shouted = parts[0].toUpperCase(Locale.ROOT).replaceAll("[?\"]", "") + "!!";
      if (!heading(guide.answer("hello, " + shouted, INSTALLED)).equals(parts[1])) {
        mistakes.add(shouted + " (found " + heading(guide.answer(shouted, INSTALLED)) + ")");
      }
    }
    assertThat(mistakes).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "questions.txt",
        "questions-held-out.txt",
        "questions-fresh.txt",
        "questions-last.txt",
        "questions-review.txt",
        "questions-agents.txt",
        "questions-agents-held-out.txt",
        "questions-agents-fresh.txt"
      })
  void answer_manyPhrasings_findTheirSection(String list) throws IOException {
    assertThat(mistakes(list)).hasSizeLessThanOrEqualTo(lines(list).size() * 3 / 100);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "outside.txt",
        "outside-held-out.txt",
        "outside-last.txt",
        "outside-review.txt",
        "outside-agents.txt",
        "outside-agents-fresh.txt"
      })
  void answer_outOfScope_saysThatItDoesNotKnow(String list) throws IOException {
    assertThat(answered(list)).isEmpty();
  }

  @Test
  void answer_outOfScopeInWordsOfTheHelp_mostlySaysThatItDoesNotKnow() throws IOException {
    assertThat(answered("outside-fresh.txt")).hasSizeLessThanOrEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "how do I creat a workspace | creating-a-workspace",
        "chnage the port | changing-the-port",
        "how do I conect with a websokcet | connecting-with-a-websocket",
        "pasword reset | forgotten-password",
        "tokn expiry | when-a-token-expires",
        "regsiter | creating-an-account",
      })
  void answer_oneLetterWrong_findsTheSection(String question, String section) {
    assertThat(heading(guide.answer(question, INSTALLED))).isEqualTo(section);
  }

  @ParameterizedTest
  @ValueSource(strings = {"hi", "Hello!", "hey there", "Good morning", "HI GUIDE"})
  void answer_greeting_saysWhatItCanDo(String greeting) {
    assertThat(guide.answer(greeting, INSTALLED))
        .startsWith("Hello!")
        .contains(Guide.capabilities());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "help",
        "What can you do?",
        "who are you",
        "what's your name?",
        "@guide"
      })
  void answer_nothingInParticular_saysWhatItCanDo(String question) {
    assertThat(guide.answer(question, INSTALLED)).isEqualTo(Guide.capabilities());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1+1 | 1+1",
        "what is 1+1? | 1+1",
        "2 * (3 + 4) = | 2 * (3 + 4)",
        "what is 12.5% of 80 | 12.5% of 80",
        "sqrt(2) | sqrt(2)",
        "5! | 5!",
        "(1+2 | (1+2",
        "7 times 8 please | 7 times 8",
      })
  void answer_calculation_pointsToTheCalculator(String question, String expression) {
    assertThat(guide.answer(question, INSTALLED))
        .isEqualTo("That looks like a calculation: ask `@calculator " + expression + "`.");
  }

  @Test
  void answer_statusWithTwoCauses_namesBoth() {
    assertThat(guide.answer("My script gets 401, why?", INSTALLED))
        .endsWith("See also: **401 Token has expired, has been revoked**");
  }

  @Test
  void answer_twoQuestionsInOne_answersBoth() {
    assertThat(guide.answer("where is my data stored and how do I back it up", INSTALLED))
        .startsWith("**Where the data is**")
        .contains("\n\n**Backing up and restoring**\n\n");
  }

  @Test
  void answer_null_saysWhatItCanDo() {
    assertThat(guide.answer(null, List.of())).isEqualTo(Guide.capabilities());
  }

  @ParameterizedTest
  @ValueSource(strings = {"thanks", "Thank you very much!", "great, thanks", "ok"})
  void answer_thanks_isAcknowledged(String thanks) {
    assertThat(guide.answer(thanks, INSTALLED)).startsWith("You are welcome");
  }

  @Test
  void answer_unknownQuestion_saysSoAndNamesWhatItKnows() {
    assertThat(guide.answer("What's the weather in Paris?", INSTALLED))
        .startsWith("I do not know")
        .contains("only answer questions about this server", "WebSocket", "backup")
        .doesNotContain("See also", "nearest");
  }

  @Test
  void answer_section_isMarkdownWithoutTheHiddenPhrases() {
    assertThat(guide.answer("@guide how do I register?", INSTALLED))
        .startsWith("**Creating an account**\n\n")
        .contains("\n\n```sh\ncurl http://127.0.0.1:7070/register")
        .doesNotContain("<!--", "ask:", "sign up");
  }

  @Test
  void answer_severalLikelySections_namesTheOthers() {
    assertThat(guide.answer("chats", INSTALLED)).contains("\n\nSee also: **");
  }

  @Test
  void answer_longOrHostileText_returnsSoon() {
    guide.answer("warm up", INSTALLED);
    for (String text :
        List.of(
            "how do I ".repeat(20_000),
            "abcdefgh ".repeat(20_000),
            "list agents ".repeat(20_000),
            "is there an agent " + "for ".repeat(30_000),
            ", how".repeat(30_000),
            "a".repeat(100_000),
            "@".repeat(100_000),
            "\ud83d\u0000\uffff")) {
      long start = System.nanoTime();
      assertThat(guide.answer(text, INSTALLED)).isNotBlank();
      assertThat((System.nanoTime() - start) / 1_000_000).isLessThan(500);
    }
  }

  @Test
  void answer_manyThreads_agree() {
    List<String> answers =
        IntStream.range(0, 64)
            .parallel()
            .mapToObj(i -> new Guide().answer("how do I sign up", INSTALLED))
            .distinct()
            .toList();
    assertThat(answers).hasSize(1);
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
