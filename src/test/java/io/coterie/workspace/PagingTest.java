package io.coterie.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import io.coterie.Expect;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** limit, before and has_more, on the lists of workspaces and of a workspace's chats. */
class PagingTest {

  private static final int COUNT = 60;
  private static final String LIMIT = "limit must be a number from 1 to 200";
  private static final String UNKNOWN = "01999999-9999-7999-8999-999999999999";

  private static AppFixture app;
  private static Login user;
  private static Login stranger;
  private static String foreign;
  private static String foreignChat;
  private static String chats;
  private static final List<String> workspaceIds = new ArrayList<>();
  private static final List<String> chatIds = new ArrayList<>();

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    stranger = app.login();
    user = app.login();
    foreign = app.workspace(stranger);
    foreignChat = app.chat(stranger, foreign);
    for (int i = 0; i < COUNT; i++) {
      workspaceIds.add(0, app.workspace(user));
    }
    String workspace = workspaceIds.get(0);
    chats = "/workspace/" + workspace + "/chats";
    for (int i = 0; i < COUNT; i++) {
      chatIds.add(0, app.chat(user, workspace));
    }
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @Test
  void list_withoutPaging_isEverythingWithoutHasMore() {
    everything("/workspace", "workspaces", "workspace_id", workspaceIds);
    everything(chats, "chats", "chat_id", chatIds);
  }

  private static void everything(String path, String list, String id, List<String> expected) {
    JsonNode json = app.get(user.token(), path).json();
    assertThat(ids(json.path(list), id)).isEqualTo(expected);
    assertThat(json.size()).isEqualTo(1);
  }

  @Test
  void list_pageByPage_comesToEverythingOnce() {
    for (int limit : new int[] {1, 7, 30, 59, 60, 61, 200}) {
      pages("/workspace", "workspaces", "workspace_id", workspaceIds, limit);
      pages(chats, "chats", "chat_id", chatIds, limit);
    }
  }

  private static void pages(String path, String list, String id, List<String> expected, int limit) {
    List<String> seen = new ArrayList<>();
    boolean more = true;
    while (more) {
      String before = seen.isEmpty() ? "" : "&before=" + seen.get(seen.size() - 1);
      JsonNode json = app.get(user.token(), path + "?limit=" + limit + before).json();
      List<String> page = ids(json.path(list), id);
      seen.addAll(page);
      more = json.path("has_more").booleanValue();
      assertThat(json.path("has_more").isBoolean()).isTrue();
      assertThat(page).hasSize(more ? limit : expected.size() - (seen.size() - page.size()));
      assertThat(page.size()).isBetween(1, limit);
    }
    assertThat(seen).isEqualTo(expected);
  }

  @Test
  void before_withoutLimit_isAPage() {
    JsonNode json = app.get(user.token(), chats + "?before=" + chatIds.get(2)).json();
    assertThat(ids(json.path("chats"), "chat_id")).isEqualTo(chatIds.subList(3, 53));
    assertThat(json.path("has_more").booleanValue()).isTrue();
  }

  @Test
  void before_theOldest_isAnEmptyPage() {
    JsonNode json = app.get(user.token(), "/workspace?before=" + workspaceIds.get(59)).json();
    assertThat(json.toString()).isEqualTo("{\"workspaces\":[],\"has_more\":false}");
  }

  @Test
  void before_unknownForeignOrMalformed_isNotFound() {
    for (String cursor : List.of(UNKNOWN, foreign, chatIds.get(0), "x", "1", "%2F", "%27")) {
      Expect.msg(app.get(user.token(), "/workspace?before=" + cursor), 404, "Workspace not found");
    }
    String otherChat = app.chat(user, workspaceIds.get(1));
    for (String cursor : List.of(UNKNOWN, foreignChat, otherChat, workspaceIds.get(0), "x")) {
      Expect.msg(app.get(user.token(), chats + "?before=" + cursor), 404, "Chat not found");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "201",
        "-1",
        "x",
        "1.0",
        "+1",
        "",
        "%20",
        "1%20",
        "9999999999999999999999",
        "0x1",
        "%D9%A1"
      })
  void limit_outOfRange_isRefused(String limit) {
    Expect.msg(app.get(user.token(), "/workspace?limit=" + limit), 400, LIMIT);
    Expect.msg(app.get(user.token(), chats + "?limit=" + limit), 400, LIMIT);
  }

  @Test
  void parameters_areCheckedBeforeExistenceAndOwnership() {
    String theirs = "/workspace/" + foreign + "/chats";
    Expect.msg(app.get(user.token(), theirs + "?limit=0"), 400, LIMIT);
    Expect.msg(app.get(user.token(), "/workspace/x/chats?limit=0"), 400, LIMIT);
    String refusal = "User does not have access to the workspace";
    Expect.msg(app.get(user.token(), theirs + "?limit=1"), 403, refusal);
    Expect.msg(app.get(user.token(), theirs + "?before=" + foreignChat), 403, refusal);
    Expect.msg(app.get(user.token(), theirs + "?before=x"), 403, refusal);
    Expect.msg(app.get(user.token(), "/workspace/x/chats?before=x"), 404, "Workspace not found");
  }

  private static List<String> ids(JsonNode list, String name) {
    List<String> ids = new ArrayList<>();
    list.forEach(item -> ids.add(item.path(name).asText()));
    return ids;
  }
}
