package io.coterie.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What counts as a word, and as the same one. */
class SearchedWordsTest extends SearchServer {

  @Test
  void words_inAnyOrder_areAllRequired() {
    say("the quick brown fox");
    assertThat(found("fox quick")).isEqualTo(1);
    assertThat(found("quick, FOX!")).isEqualTo(1);
    assertThat(found("quick cat")).isZero();
  }

  @Test
  void words_areFoundWholeAlone() {
    say("the quick brown fox");
    assertThat(found("brown")).isEqualTo(1);
    for (String piece : List.of("bro", "rown", "row", "b", "browns", "quick bro", "bro*")) {
      assertThat(results(piece)).as(piece).isEmpty();
    }
  }

  @Test
  void accentsAndCase_makeNoDifference() {
    say("Crème brûlée à la Maison, STRASSE und Straße, ΟΔΟΣ, Łódź, Ёлка, İstanbul");
    for (String query :
        List.of(
            "creme brulee",
            "CRÈME",
            "créme",
            "strasse",
            "straße",
            "οδος",
            "οδός",
            "lodz",
            "ŁÓDŹ",
            "елка",
            "istanbul",
            "ISTANBUL",
            "cre\u0300me")) {
      assertThat(found(query)).as(query).isEqualTo(1);
    }
  }

  @Test
  void unspacedScripts_areFoundByAnyPiece() {
    say("明日は東京タワーに行きます。iPhone15を買う");
    say("สวัสดีชาวโลก");
    for (String query : List.of("東京", "京タ", "タワー", "明日 東京", "iphone15", "行きます")) {
      assertThat(found(query)).as(query).isEqualTo(1);
    }
    assertThat(found("大阪")).isZero();
    assertThat(found("ชาว")).isEqualTo(1);
  }

  @Test
  void spacedScripts_withSignsOnTheirLetters_areFound() {
    say("안녕하세요 세계, नमस्ते दुनिया, مُحَمَّد, party 🎉🎈");
    for (String query : List.of("세계", "안녕", "하세", "नमस्ते", "محمد", "🎈", "party 🎉")) {
      assertThat(found(query)).as(query).isEqualTo(1);
    }
  }

  @Test
  void signs_ofPatterns_meanNothing() {
    say("hundred percent");
    for (String query : List.of("%", "_", "h%t", "hund_ed", "\\", "'", "\"", "?!")) {
      assertThat(results(query)).as(query).isEmpty();
    }
    say("100% sure, it's a_b c:\\d");
    assertThat(found("100%")).isEqualTo(1);
    assertThat(found("it's")).isEqualTo(1);
    assertThat(found("a_b")).isEqualTo(1);
    assertThat(found("c:\\d")).isEqualTo(1);
  }

  @Test
  void composedOrNot_wordsMeet() {
    say("Cre\u0300me bru\u0302le\u0301e, \u00c5ngstr\u00f6m, A\u030angstro\u0308m, \ufb01sh");
    for (String query : List.of("crème brûlée", "cre\u0300me", "ångström", "angstrom", "fish")) {
      assertThat(found(query)).as(query).isEqualTo(1);
    }
  }

  @Test
  void numbers_areWords() {
    say("Order 4711 of 2026-11-23 costs 3.50, v2.0.1, ٣٤, x86");
    for (String query : List.of("4711", "2026-11-23", "3.50", "50", "v2.0.1", "x86", "23 4711")) {
      assertThat(found(query)).as(query).isEqualTo(1);
    }
    assertThat(results("471")).isEmpty();
    assertThat(results("86")).isEmpty();
  }

  @Test
  void wordOfAnyLength_isFound() {
    String word = "Supercali".repeat(5_000);
    say("before " + word + " after");
    assertThat(found("before after")).isEqualTo(1);
    String longest = "x".repeat(200);
    say(longest);
    assertThat(found(longest)).isEqualTo(1);
    assertThat(results("x".repeat(199))).isEmpty();
  }

  @Test
  void snippet_isWhatStandsAroundTheFirstHit_inWholeCharacters() {
    say("😀".repeat(300) + "\n\n needle " + "é👍🏽".repeat(150));
    String snippet = results("needle").path(0).path("snippet").asText();
    assertThat(snippet).startsWith("…😀").endsWith("…").contains("😀 needle é👍🏽é");
    assertThat(snippet.codePointCount(0, snippet.length())).isBetween(195, 205);
    assertThat(new String(snippet.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
        .isEqualTo(snippet)
        .doesNotContain("?");
  }

  @Test
  void longMessage_isFoundByEachOfItsWords() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 9_000; i++) {
      text.append("word").append(i).append(' ');
    }
    say(text.toString());
    assertThat(found("word0 word8999")).isEqualTo(1);
    assertThat(results("word8999").path(0).path("snippet").asText()).endsWith("word8999");
  }
}
