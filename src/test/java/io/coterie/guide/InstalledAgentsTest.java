package io.coterie.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the guide says about the agents that are installed. */
class InstalledAgentsTest {

  private static final GuideAgent TRANSLATOR =
      new GuideAgent(
          "translator",
          "1.2.0",
          "Translator",
          "Translates into French",
          true,
          "local/llama3.2",
          List.of("Good morning"));
  private static final GuideAgent CALCULATOR =
      GuideTest.agent("calculator", "Calculator", "Works out arithmetic.");
  private static final List<GuideAgent> INSTALLED = List.of(CALCULATOR, TRANSLATOR);

  private final Guide guide = new Guide();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "which agents can I use?",
        "What agents are there",
        "what agents are installed",
        "list the agents",
        "show me all agents please",
        "Which bots are available on this server?",
        "agents available?",
        "who are the agents here",
      })
  void answer_whichAgents_listsThemAll(String question) {
    assertThat(guide.answer(question, INSTALLED))
        .startsWith("**Agents on this server**")
        .contains(
            "- `calculator`: Works out arithmetic.", "- `translator`: Translates into French.")
        .contains("@");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "what does translator do?",
        "What does the Translator agent do",
        "who is @translator",
        "tell me about translator",
        "how do I use the translator",
        "what model does the translator use",
        "translator",
      })
  void answer_oneAgent_describesIt(String question) {
    assertThat(guide.answer(question, INSTALLED))
        .startsWith("**Translator** (`translator`, version 1.2.0)")
        .contains("Translates into French.", "`local/llama3.2`", "`@translator Good morning`");
  }

  @Test
  void answer_agentWithAnAbility_namesThoseThatFit() {
    assertThat(guide.answer("is there an agent that can translate?", INSTALLED))
        .contains("- `translator`")
        .doesNotContain("- `calculator`");
  }

  @Test
  void answer_abilityThatNobodyHas_saysSoAndListsTheAgents() {
    assertThat(guide.answer("is there an agent for gardening?", INSTALLED))
        .startsWith("No installed agent")
        .contains("- `translator`", "- `calculator`");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "What agents can I talk to without paying anything?",
        "which agents are free",
        "which agents work without a model",
        "are there any bots that need no api key?",
        "list the agents that cost no money",
      })
  void answer_agentsThatCostNothing_namesThoseWithoutAModel(String question) {
    assertThat(guide.answer(question, INSTALLED))
        .startsWith("**Agents that need no model")
        .contains("- `calculator`")
        .doesNotContain("- `translator`");
  }

  @Test
  void answer_agentsThatCostNothingWhereAllUseAModel_saysSo() {
    assertThat(guide.answer("which agents are free?", List.of(TRANSLATOR)))
        .startsWith("Every agent that you can call needs a model.");
  }

  @Test
  void answer_agentThatIsNotInstalled_saysSo() {
    assertThat(guide.answer("what does @painter do?", INSTALLED))
        .startsWith("There is no installed agent called `painter`.");
  }

  @Test
  void answer_noAgents_saysHowToGetSome() {
    assertThat(guide.answer("which agents are there?", List.of()))
        .startsWith("No agents are installed.");
  }

  @Test
  void answer_agentInAnotherQuestion_isReadAsAnyAgent() {
    assertThat(guide.answer("how do I add translator to my workspace", INSTALLED))
        .startsWith("**Adding an agent to a workspace**");
    assertThat(guide.answer("how do I uninstall translator", INSTALLED))
        .startsWith("**Uninstalling an agent**");
  }

  @Test
  void answer_whatAgentsAreInGeneral_comesFromTheHelp() {
    assertThat(guide.answer("what are agents?", INSTALLED)).startsWith("**What an agent is**");
    assertThat(guide.answer("how do I list agents?", INSTALLED)).contains("/agent");
  }

  @Test
  void answer_manifestWithoutDetails_staysReadable() {
    GuideAgent bare = new GuideAgent("x-1", null, "X", null, true, null, null);
    assertThat(guide.answer("what does x-1 do", List.of(bare)))
        .contains("**X** (`x-1`)", "does not say what it does", "default model")
        .doesNotContain("null");
  }
}
