package io.coterie.search;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import io.coterie.Await;
import io.coterie.Expect;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Finding messages by their words. */
class SearchTest {

  private static AppFixture app;

  private Login user;
  private String chat;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @BeforeEach
  void freshUser() {
    user = app.login();
    chat = app.chat(user);
  }

  /** Asks echo, which says the same: two messages. */
  private void say(String chatId, String text) {
    Answer answer =
        app.post(
            user.token(),
            "/chat/message?wait=true",
            object("chat_id", chatId, "message", "@echo " + text));
    assertThat(answer.status()).isEqualTo(200);
  }

  private void say(String text) {
    say(chat, text);
  }

  private Answer search(String query, String more) {
    String encoded = URLEncoder.encode(query, StandardCharsets.UTF_8);
    return app.get(user.token(), "/chat/search?query=" + encoded + more);
  }

  private JsonNode results(String query) {
    Answer answer = search(query, "");
    assertThat(answer.status()).as(answer.response().body()).isEqualTo(200);
    return answer.json().path("results");
  }

  /** The contents of what is found among the replies. */
  private int found(String query) {
    return results(query).size() / 2;
  }

  @Test
  void search_finds_theMessageAndTheReply() {
    say("where is the harbour");
    Answer answer = search("harbour", "");
    assertThat(answer.json().fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("results", "has_more");
    assertThat(answer.json().path("has_more").isBoolean()).isTrue();
    assertThat(answer.json().path("has_more").asBoolean()).isFalse();
    JsonNode results = answer.json().path("results");
    assertThat(results).hasSize(2);
    JsonNode messages =
        app.get(user.token(), "/chat/messages?chat_id=" + chat).json().path("messages");
    for (int i = 0; i < 2; i++) {
      JsonNode result = results.path(i);
      JsonNode message = messages.path(1 - i);
      assertThat(result.fieldNames())
          .toIterable()
          .containsExactly("chat_id", "message_id", "snippet", "created_at");
      assertThat(result.path("chat_id").asText()).isEqualTo(chat);
      assertThat(result.path("message_id")).isEqualTo(message.path("message_id"));
      assertThat(result.path("snippet")).isEqualTo(message.path("content"));
      assertThat(result.path("created_at")).isEqualTo(message.path("created_at"));
    }
  }

  @Test
  void words_inAnyOrder_areAllRequired() {
    say("the quick brown fox");
    assertThat(found("fox quick")).isEqualTo(1);
    assertThat(found("quick, FOX!")).isEqualTo(1);
    assertThat(found("quick cat")).isZero();
  }

  @Test
  void lastWord_matchesByItsBeginning_othersWhole() {
    say("the quick brown fox");
    assertThat(found("quick bro")).isEqualTo(1);
    assertThat(found("bro quick")).isZero();
    assertThat(found("rown")).isZero();
    assertThat(found("b")).isEqualTo(1);
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
    for (String query : List.of("東京", "京タ", "タワー", "明日 東京", "iphone15", "行きます", "iPh")) {
      assertThat(found(query)).as(query).isEqualTo(1);
    }
    assertThat(found("大阪")).isZero();
    assertThat(found("ชาว")).isEqualTo(1);
  }

  @Test
  void spacedScripts_withSignsOnTheirLetters_areFound() {
    say("안녕하세요 세계, नमस्ते दुनिया, مُحَمَّد, party 🎉🎈");
    for (String query : List.of("세계", "안녕", "नमस्ते", "محمد", "🎈", "party 🎉")) {
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
  void results_newestFirst_inPages() {
    List<String> chats = List.of(chat, app.chat(user), app.chat(user));
    for (int i = 0; i < 9; i++) {
      say(chats.get(i % 3), "needle " + i);
      app.clock().advance(Duration.ofMillis(i % 2));
    }
    say("something else");
    JsonNode all = results("needle");
    assertThat(all).hasSize(18);
    List<String> times = all.findValuesAsText("created_at");
    assertThat(times).isSortedAccordingTo(Collections.reverseOrder());
    List<String> paged = new ArrayList<>();
    String before = "";
    boolean more = true;
    while (more) {
      Answer page = search("needle", "&limit=5" + before);
      page.json().path("results").forEach(r -> paged.add(r.path("message_id").asText()));
      more = page.json().path("has_more").asBoolean();
      before = "&before=" + paged.get(paged.size() - 1);
    }
    assertThat(paged).isEqualTo(all.findValuesAsText("message_id")).doesNotHaveDuplicates();
  }

  @Test
  void results_fillingAPageExactly_haveNoMore() {
    say("needle");
    assertThat(search("needle", "&limit=2").json().path("has_more").asBoolean()).isFalse();
    assertThat(search("needle", "&limit=1").json().path("has_more").asBoolean()).isTrue();
  }

  @Test
  void cursor_unknownOrAnothers_isNotFound() {
    say("needle");
    String mine = results("needle").path(0).path("message_id").asText();
    user = app.login();
    for (String id : List.of("x", "0190a5c4-0000-7000-8000-000000000000", mine)) {
      Expect.msg(search("needle", "&before=" + id), 404, "Message not found");
    }
  }

  @Test
  void messages_ofOthers_areNotFound() {
    say("needle");
    user = app.login();
    assertThat(results("needle")).isEmpty();
  }

  @Test
  void messages_deleted_areNotFoundAnyMore() {
    String other = app.chat(user);
    say("needle one");
    say(other, "needle two");
    app.delete(user.token(), "/chat?chat_id=" + other, null);
    assertThat(found("needle")).isEqualTo(1);
    String workspace =
        app.get(user.token(), "/chat?chat_id=" + chat).json().path("workspace_id").asText();
    app.delete(user.token(), "/workspace/" + workspace, null);
    assertThat(results("needle")).isEmpty();
  }

  @Test
  void query_thatIsNone_isRefused() {
    Expect.msg(app.get(user.token(), "/chat/search"), 400, "Missing query parameter");
    Expect.msg(search("  ", ""), 400, "Missing query parameter");
    Expect.badField(search("x".repeat(201), ""), "query");
    Expect.badField(search("a b c d e f g h i j k", ""), "query");
    Expect.badField(search("x\0", ""), "query");
    Expect.badField(search("x", "&limit=0"), "limit");
    Expect.badField(search("x", "&limit=201"), "limit");
    assertThat(search("x".repeat(200), "").status()).isEqualTo(200);
    assertThat(search("a b c d e f g h i j", "").status()).isEqualTo(200);
  }

  @Test
  void snippet_isWhatStandsAroundTheFirstHit_inWholeCharacters() {
    say("😀".repeat(300) + "\n\n needle " + "é👍🏽".repeat(150));
    String snippet = results("nee").path(0).path("snippet").asText();
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

  @Test
  void chat_longerThanAStretch_isLookedThroughToItsBeginning() {
    say("needle at the beginning");
    String marked = results("needle").path(0).path("message_id").asText();
    // As if nine thousand events had come since.
    app.sql(
        "UPDATE messages SET seq = seq + 9000 WHERE chat_id = '" + chat + "' AND role = 'user'");
    app.sql("UPDATE chats SET last_seq = 9100 WHERE chat_id = '" + chat + "'");
    assertThat(results("needle").findValuesAsText("message_id")).hasSize(2).contains(marked);
  }

  @Test
  void messages_olderThanSearching_becomeSearchableAfterAnUpgrade() {
    List<String> chats = new ArrayList<>();
    try (AppFixture old = AppFixture.startOnDisk()) {
      Login somebody = old.login();
      for (int c = 0; c < 3; c++) {
        String chatId = old.chat(somebody);
        chats.add(chatId);
        for (int i = 0; i < 60; i++) {
          old.post(
              somebody.token(),
              "/chat/message?wait=true",
              object("chat_id", chatId, "message", "@echo relic " + i));
        }
      }
      old.stop();
      old.sql("UPDATE messages SET words = NULL");
      old.sql(
          "INSERT INTO words_backlog (id, before_chat)"
              + " VALUES (1, CAST('7fffffff-ffff-ffff-7fff-ffffffffffff' AS UUID))");
      old.restart();
      for (int i = 0; i < 60; i += 20) {
        String path = "/chat/search?query=relic+" + i + "&limit=200";
        Await.until(
            () -> count(old.get(somebody.token(), path), chats) == chats.size(), () -> path);
      }
    }
  }

  private static long count(Answer answer, List<String> chats) {
    List<String> found = answer.json().findValuesAsText("chat_id");
    return chats.stream().filter(found::contains).count();
  }
}
