package io.coterie.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds the documents to the form that the guide needs. */
class HelpDocsTest {

  private final List<HelpSection> sections = HelpDocs.bundled();

  @Test
  void bundled_everySection_hasAsksAndAShortBody() {
    assertThat(sections).hasSizeGreaterThan(100);
    for (HelpSection section : sections) {
      assertThat(section.asks()).as(section.title()).hasSizeGreaterThan(4);
      assertThat(section.body())
          .as(section.title())
          .hasSizeBetween(60, 1_300)
          .doesNotContain("<!--");
    }
  }

  @Test
  void bundled_ids_areUnique() {
    assertThat(sections).extracting(HelpSection::id).doesNotHaveDuplicates();
  }

  @Test
  void bundled_everyAsk_findsItsOwnSection() {
    HelpIndex index = new HelpIndex(sections);
    List<String> astray = new ArrayList<>();
    for (HelpSection section : sections) {
      for (String ask : section.asks()) {
        List<HelpIndex.Hit> hits = index.search(ask);
        if (hits.isEmpty() || !hits.get(0).section().equals(section)) {
          astray.add(section.id() + ": " + ask);
        }
      }
    }
    assertThat(astray).isEmpty();
  }

  @Test
  void sections_document_splitsAtHeadingsAndTakesTheAsksOut() {
    String document =
        """
        # Title

        Not a section.

        ## First, thing!
        <!-- ask: one | two
        | three -->

        Body.

        ## Second
        More.
        """;
    assertThat(HelpDocs.sections(document))
        .containsExactly(
            new HelpSection(
                "first-thing", "First, thing!", List.of("one", "two", "three"), "Body."),
            new HelpSection("second", "Second", List.of(), "More."));
  }

  @Test
  void sections_bodyThatBeginsWithCode_keepsItsIndent() {
    assertThat(HelpDocs.sections("## A\n<!-- ask: a -->\n\n  \n    curl x\n    curl y\n\n"))
        .extracting(HelpSection::body)
        .containsExactly("    curl x\n    curl y");
  }

  @Test
  void bundled_commands_standInFencesThatAreClosed() {
    for (HelpSection section : sections) {
      boolean fenced = false;
      for (String line : section.body().lines().toList()) {
        if (line.strip().startsWith("```")) {
          assertThat(line.strip()).as(section.title()).matches(fenced ? "```" : "```[a-z]+");
          fenced = !fenced;
        } else if (!fenced) {
          assertThat(line).as(section.title()).doesNotStartWith("    ").doesNotStartWith("curl");
        }
      }
      assertThat(fenced).as(section.title()).isFalse();
    }
  }

  @Test
  void oneSlip_words_areOneLetterApart() {
    assertThat(HelpWords.oneSlip("token", "tokne")).isTrue();
    assertThat(HelpWords.oneSlip("token", "tken")).isTrue();
    assertThat(HelpWords.oneSlip("token", "tokens")).isTrue();
    assertThat(HelpWords.oneSlip("token", "taken")).isTrue();
    assertThat(HelpWords.oneSlip("token", "token")).isFalse();
    assertThat(HelpWords.oneSlip("token", "tekan")).isFalse();
    assertThat(HelpWords.oneSlip("a", "")).isTrue();
  }

  @Test
  void term_formsAndSynonyms_areOne() {
    assertThat(HelpWords.term("deleting"))
        .isEqualTo(HelpWords.term("removed"))
        .isEqualTo(HelpWords.term("erases"));
    assertThat(HelpWords.term("registration")).isEqualTo(HelpWords.term("signup"));
    assertThat(HelpWords.term("workspaces")).isEqualTo(HelpWords.term("workspace"));
  }
}
