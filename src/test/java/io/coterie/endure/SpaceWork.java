package io.coterie.endure;

import static io.coterie.endure.Stage.object;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** What people do with workspaces and the agents in them. */
final class SpaceWork {

  private static final AtomicLong AGENTS = new AtomicLong();
  private static final List<String> PACKAGES = List.of("planner", "critic", "translator");

  private final Stage stage;
  private final Random random;

  SpaceWork(Stage stage, Random random) {
    this.stage = stage;
    this.random = random;
  }

  Space create(User user) {
    Reply made =
        stage
            .api()
            .call(user, null, "POST", "/workspace", object("name", "Of " + user.marker), 200);
    Space space = new Space(user, made.json().path("workspace").path("workspace_id").asText());
    user.spaces.add(space);
    return space;
  }

  void rename(Space space) {
    String name = space.owner.marker + " " + random.nextInt(1_000);
    call(space, "PUT", "/rename", object("name", name));
    JsonNode seen = call(space, "GET", "", null).json().path("workspace");
    // Another device of the same user may have been faster.
    stage
        .findings()
        .check(
            seen.path("name").asText().contains(space.owner.marker),
            "a lost name",
            seen.toString());
  }

  /** Those that are known to be there are listed, and none that is gone. */
  void list(User user) {
    Set<String> before = new HashSet<>();
    user.aliveSpaces().forEach(space -> before.add(space.id));
    Set<String> listed = new HashSet<>();
    stage
        .api()
        .call(user, null, "GET", "/workspace", null, 200)
        .json()
        .path("workspaces")
        .forEach(w -> listed.add(w.path("workspace_id").asText()));
    for (Space space : user.spaces) {
      if (space.state() == Thing.State.ALIVE && before.contains(space.id)) {
        stage.findings().check(listed.contains(space.id), "a workspace that is lost", space.id);
      }
    }
  }

  /** The same of chats. */
  void listChats(Space space) {
    List<Chat> before = space.chats.stream().filter(Thing::isAlive).toList();
    Set<String> buried = new HashSet<>();
    space.chats.stream()
        .filter(chat -> chat.state() == Thing.State.DELETED)
        .forEach(chat -> buried.add(chat.id));
    Set<String> listed = new HashSet<>();
    call(space, "GET", "/chats", null)
        .json()
        .path("chats")
        .forEach(chat -> listed.add(chat.path("chat_id").asText()));
    for (Chat chat : before) {
      stage
          .findings()
          .check(listed.contains(chat.id) || !chat.isAlive(), "a chat that is lost", chat.id);
    }
    listed.retainAll(buried);
    stage.findings().check(listed.isEmpty(), "deleted, and there again", "chats " + listed);
  }

  /** An agent of one's own, put to work and taken away. */
  void ownAgent(Space space) {
    String id = "own-" + space.owner.number + "-" + AGENTS.incrementAndGet();
    JsonNode manifest =
        object(
            "agent_id", id,
            "version", "1.0.0",
            "name", "Own",
            "description", "Of " + space.owner.marker,
            "kind", "llm",
            "instructions", "Answer.");
    stage.api().call(space.owner, null, "POST", "/agent", manifest, 200);
    try {
      call(space, "POST", "/agent", object("agent_id", id));
      call(space, "PUT", "/coordinator", object("agent_id", id));
      User other = stage.users().get(random.nextInt(stage.users().size()));
      int expected = other == space.owner ? 200 : 404;
      stage.api().call(other, null, "GET", "/agent/" + id, null, expected);
      call(space, "PUT", "/coordinator", object("agent_id", null));
      call(space, "DELETE", "/agent", object("agent_id", id));
    } finally {
      stage.api().call(space.owner, null, "DELETE", "/agent/" + id, null, 200);
    }
    stage.buried(new Stage.Gone(space.owner, "/agent/" + id, "Agent not found"));
  }

  /** A package from the bundled registry; whoever installed it may take it away. */
  void packages(Space space) {
    String name = PACKAGES.get(random.nextInt(PACKAGES.size()));
    User user = space.owner;
    if (random.nextBoolean()) {
      stage.api().call(user, null, "GET", "/agent/download?query=" + name, null, 200);
      call(space, "POST", "/agent", object("agent_id", name));
    } else {
      stage.api().call(user, null, "DELETE", "/agent/" + name, null, 200, 403, 404);
      call(space, "DELETE", "/agent", object("agent_id", name));
    }
    stage.api().call(user, null, "GET", "/agent", null, 200);
  }

  void delete(Space space) {
    space.become(Thing.State.DELETING);
    long begun = System.nanoTime();
    call(space, "DELETE", "", null);
    stage.figures().latency("workspace deleted").add(System.nanoTime() - begun);
    bury(stage, space);
  }

  static void bury(Stage stage, Space space) {
    space.become(Thing.State.DELETED);
    stage.buried(new Stage.Gone(space.owner, "/workspace/" + space.id, "Workspace not found"));
    space.chats.stream().limit(3).forEach(chat -> ChatWork.bury(stage, chat));
  }

  private Reply call(Space space, String method, String path, JsonNode body) {
    Reply reply =
        stage
            .api()
            .call(space.owner, null, method, "/workspace/" + space.id + path, body, 200, 404);
    if (reply.status() == 404) {
      stage.findings().check(!space.isAlive(), "a workspace that is lost", space.id);
      throw new CutOffException("workspace gone");
    }
    return reply;
  }
}
