package io.coterie.search;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import io.coterie.Await;
import io.coterie.Expect;
import io.coterie.model.Gate;
import io.coterie.model.RunFailure;
import io.coterie.model.ScriptedModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Finding messages: what is found, in which order, and by whom. */
class SearchTest extends SearchServer {

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
  void partialReplies_areFound() {
    ScriptedModel model = new ScriptedModel(ScriptedModel.pieces("Yes."));
    try (AppFixture server = AppFixture.startWith(model)) {
      Login somebody = server.login();
      String chatId = server.chat(somebody);
      Gate said = new Gate();
      model
          .then(ScriptedModel.failing(RunFailure.Code.MODEL_UNAVAILABLE, "Gone.", "halfway failed"))
          .then(
              (request, reply) -> {
                reply.text("halfway cancelled");
                said.open();
                reply.awaitCancel();
              });
      JsonNode body = object("chat_id", chatId, "message", "Hi");
      server.post(somebody.token(), "/chat/message?wait=true", body);
      server.post(somebody.token(), "/chat/message", body);
      said.await();
      server.post(somebody.token(), "/chat/cancel?chat_id=" + chatId, null);
      String path = "/chat/search?query=halfway";
      Await.until(
          () -> server.get(somebody.token(), path).json().path("results").size() == 2,
          () -> server.get(somebody.token(), path).response().body());
    }
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
      old.sql("DELETE FROM message_marks");
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
