package io.coterie.endure;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Holds everything that anybody was told against what the server has, once all is quiet. */
final class FinalCheck {

  private static final long PATIENCE_SECONDS = 120;

  private final Stage stage;

  FinalCheck(Stage stage) {
    this.stage = stage;
  }

  /** Returns once no run is left. */
  void awaitQuiet() {
    for (Chat chat : chats()) {
      try {
        Await.until(
            Duration.ofSeconds(PATIENCE_SECONDS), () -> !isBusy(chat), () -> "a chat that is free");
      } catch (AssertionError e) {
        stage.findings().add("a chat that stays busy", chat.id);
      }
    }
  }

  void check() {
    for (Chat chat : chats()) {
      try {
        checkChat(chat);
      } catch (CutOffException e) {
        stage.findings().add("a chat that cannot be read", chat.id + ": " + e.getMessage());
      }
    }
    stage.users().forEach(this::checkLists);
    for (Stage.Gone gone : stage.gone()) {
      try {
        stage.checkGone(gone);
      } catch (CutOffException e) {
        stage.findings().add("deleted, and odd", gone + ": " + e.getMessage());
      }
    }
    stage.figures().value("deletions that were looked for again", stage.gone().size());
    stage.figures().value("chats that were compared", chats().size());
  }

  private void checkChat(Chat chat) {
    List<JsonNode> events = events(chat);
    try {
      chat.record
          .check(events, history(chat))
          .forEach((end, count) -> stage.figures().count("runs in chats compared: " + end, count));
    } catch (AssertionError e) {
      stage
          .findings()
          .add("a chat that is not what people were told", chat.id + ": " + e.getMessage());
    }
    stage.figures().count("events compared", events.size());
    for (Follower follower : chat.followers) {
      try {
        Await.until(
            Duration.ofSeconds(PATIENCE_SECONDS),
            () -> follower.lastSeq() >= events.size(),
            () -> "all events");
        stage
            .findings()
            .check(follower.stored().equals(events), "a transcript that is not the chat", chat.id);
        stage.figures().count("transcripts compared");
      } catch (AssertionError e) {
        stage
            .findings()
            .add(
                "a transcript that is not whole",
                chat.id + " has " + follower.lastSeq() + " of " + events.size());
      }
    }
  }

  private void checkLists(User user) {
    Set<String> spaces = new TreeSet<>();
    get(user, "/workspace")
        .path("workspaces")
        .forEach(space -> spaces.add(space.path("workspace_id").asText()));
    stage
        .findings()
        .check(
            spaces.equals(ids(user.aliveSpaces().stream().map(space -> space.id).toList())),
            "the list of workspaces",
            user.email + ": " + spaces);
    for (Space space : user.aliveSpaces()) {
      Set<String> chats = new TreeSet<>();
      get(user, "/workspace/" + space.id + "/chats")
          .path("chats")
          .forEach(chat -> chats.add(chat.path("chat_id").asText()));
      Set<String> alive =
          ids(space.chats.stream().filter(Thing::isAlive).map(chat -> chat.id).toList());
      // What was made while the connection was cut is not known to its maker.
      stage
          .findings()
          .check(chats.containsAll(alive), "the list of chats", space.id + ": " + chats);
      stage.figures().count("chats whose making was cut off", chats.size() - alive.size());
    }
  }

  private static Set<String> ids(List<String> all) {
    return all.stream().collect(Collectors.toCollection(TreeSet::new));
  }

  private List<Chat> chats() {
    return stage.users().stream().flatMap(user -> user.chats().stream()).toList();
  }

  private boolean isBusy(Chat chat) {
    return get(chat.owner, "/chat?chat_id=" + chat.id).path("busy").asBoolean();
  }

  private List<JsonNode> events(Chat chat) {
    List<JsonNode> events = new ArrayList<>();
    JsonNode page;
    do {
      String poll = "/chat/events?poll=1&chat_id=" + chat.id + "&since=" + events.size();
      page = get(chat.owner, poll).path("events");
      page.forEach(events::add);
    } while (!page.isEmpty());
    return events;
  }

  private List<JsonNode> history(Chat chat) {
    LinkedList<JsonNode> messages = new LinkedList<>();
    JsonNode page;
    do {
      String before =
          messages.isEmpty() ? "" : "&before=" + messages.getFirst().path("message_id").asText();
      page = get(chat.owner, "/chat/messages?limit=200&chat_id=" + chat.id + before);
      for (int i = page.path("messages").size() - 1; i >= 0; i--) {
        messages.addFirst(page.path("messages").get(i));
      }
    } while (page.path("has_more").asBoolean());
    return messages;
  }

  private JsonNode get(User user, String path) {
    return stage.api().call(user, null, "GET", path, null, 200).json();
  }
}
