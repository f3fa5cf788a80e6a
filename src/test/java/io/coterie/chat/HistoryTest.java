package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The messages of a chat, page by page. */
class HistoryTest extends SharedServer {

  private String chat;

  @BeforeAll
  void talk() {
    chat = chat();
    for (int i = 0; i < 30; i++) {
      ask(chat, "@echo " + i);
    }
  }

  @Test
  void history_withoutCursor_isTheNewestPageOldestFirst() {
    JsonNode page = page("").json();
    assertThat(page.path("messages")).hasSize(50);
    assertThat(page.path("has_more").asBoolean()).isTrue();
    assertThat(contents(page).get(0)).isEqualTo("@echo 5");
    assertThat(contents(page).get(49)).isEqualTo("29");
  }

  @Test
  void history_before_goesBackToTheBeginning() {
    List<String> all = new ArrayList<>();
    JsonNode page = page("&limit=7").json();
    while (true) {
      all.addAll(0, contents(page));
      if (!page.path("has_more").asBoolean()) {
        break;
      }
      page =
          page("&limit=7&before=" + page.path("messages").path(0).path("message_id").asText())
              .json();
    }
    assertThat(all).hasSize(60).doesNotHaveDuplicates().startsWith("@echo 0", "0", "@echo 1");
  }

  @Test
  void history_after_goesOnToTheEnd() {
    List<String> all = new ArrayList<>();
    String first = contents(page("&limit=200").json(), "message_id").get(0);
    JsonNode page = page("&limit=20&after=" + first).json();
    while (true) {
      all.addAll(contents(page));
      if (!page.path("has_more").asBoolean()) {
        break;
      }
      int last = page.path("messages").size() - 1;
      page =
          page("&limit=20&after=" + page.path("messages").path(last).path("message_id").asText())
              .json();
    }
    assertThat(all).hasSize(59).startsWith("0", "@echo 1").endsWith("@echo 29", "29");
  }

  @Test
  void history_pastTheEnds_isEmpty() {
    List<String> ids = contents(page("&limit=200").json(), "message_id");
    String empty = "{\"messages\":[],\"has_more\":false}";
    assertThat(page("&before=" + ids.get(0)).json().toString()).isEqualTo(empty);
    assertThat(page("&after=" + ids.get(59)).json().toString()).isEqualTo(empty);
  }

  @Test
  void history_exactlyAsLongAsThePage_hasNoMore() {
    assertThat(page("&limit=60").json().path("has_more").asBoolean()).isFalse();
    assertThat(page("&limit=59").json().path("has_more").asBoolean()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"before", "after"})
  void history_withUnknownCursor_is404(String cursor) {
    String elsewhere = ask(chat(), "@echo x").json().path("message_id").asText();
    for (String id : List.of("nonsense", UUID.randomUUID().toString(), elsewhere)) {
      Answer answer = page("&" + cursor + "=" + id);
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.msg()).isEqualTo("Message not found");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "201", "-1", "x", "1.5", "99999999999"})
  void history_withBadLimit_is400(String limit) {
    assertThat(page("&limit=" + limit).msg()).isEqualTo("limit must be a number from 1 to 200");
  }

  @Test
  void history_hasOneRowForEachMessageInTheFormOfTheMessageEvent() {
    JsonNode rows = page("&limit=200").json().path("messages");
    assertThat(contents(page("&limit=200").json(), "message_id")).doesNotHaveDuplicates();
    JsonNode user = rows.path(0);
    assertThat(user.path("role").asText()).isEqualTo("user");
    assertThat(user.path("agent_id").isNull()).isTrue();
    assertThat(user.path("status").asText()).isEqualTo("completed");
    assertThat(rows.path(1)).isEqualTo(stored(chat).get(5).path("data"));
  }

  @Test
  void history_refusals_areThoseOfEveryChatRoute() {
    assertThat(app.get(user.token(), "/chat/messages").msg()).isEqualTo("Missing chat id");
    assertThat(app.get(user.token(), "/chat/messages?chat_id=x").msg()).isEqualTo("Chat not found");
    assertThat(app.get(app.login().token(), "/chat/messages?chat_id=" + chat).msg())
        .isEqualTo("User is not the owner of the chat");
  }

  private Answer page(String query) {
    return app.get(user.token(), "/chat/messages?chat_id=" + chat + query);
  }

  private static List<String> contents(JsonNode page) {
    return contents(page, "content");
  }

  private static List<String> contents(JsonNode page, String field) {
    List<String> texts = new ArrayList<>();
    page.path("messages").forEach(message -> texts.add(message.path(field).asText()));
    return texts;
  }
}
