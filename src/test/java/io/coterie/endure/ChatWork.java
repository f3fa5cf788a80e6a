package io.coterie.endure;

import static io.coterie.endure.Stage.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.LiveTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What people do in a chat: write over every transport, ask, cancel, try again, read. */
final class ChatWork {

  private static final int MAX_FOLLOWERS = 3;

  private final Stage stage;
  private final Random random;

  ChatWork(Stage stage, Random random) {
    this.stage = stage;
    this.random = random;
  }

  /** A chat in that workspace, that somebody may follow from its beginning. */
  Chat create(Space space) {
    Reply made =
        stage
            .api()
            .call(space.owner, null, "POST", "/chat?workspace_id=" + space.id, null, 200, 404);
    if (made.status() == 404) {
      stage.findings().check(!space.isAlive(), "a workspace that is lost", space.id);
      throw new CutOffException("workspace gone");
    }
    String id = made.json().path("chat").path("chat_id").asText();
    return add(space, new Chat(space.owner, id, Chat.newMarker()));
  }

  private Chat add(Space space, Chat chat) {
    space.chats.add(chat);
    if (!space.isAlive()) {
      chat.become(space.state());
    }
    return chat;
  }

  void follow(Chat chat) {
    if (chat.followers.size() < MAX_FOLLOWERS) {
      LiveTransport[] all = LiveTransport.values();
      LiveTransport transport = all[random.nextInt(all.length)];
      chat.followers.add(new Follower(stage, chat, transport, random.nextLong()));
    }
  }

  void post(Chat chat) {
    boolean isLargeGoing = stage.isLargeDeletionNear();
    long begun = System.nanoTime();
    chat.accepted(call(chat, "POST", "/chat/message", message(chat), 202).json());
    long nanos = System.nanoTime() - begun;
    stage.figures().latency("message stored").add(nanos);
    if (isLargeGoing || stage.isLargeDeletionNear()) {
      stage.figures().latency("message stored while something large goes").add(nanos);
    }
  }

  /** The reply, or why there is none. */
  void postAndWait(Chat chat) {
    keep(chat, call(chat, "POST", "/chat/message?wait=true", message(chat), 200, 202, 502));
  }

  void postAndStream(Chat chat) {
    Reply reply = stream(chat, "/chat/message", message(chat));
    chat.record.told(reply.events());
    checkEnd(reply);
  }

  void ask(Chat chat) {
    ObjectNode question = message(chat);
    if (random.nextInt(3) == 0) {
      chat.record.told(stream(chat, "/chat/ask", question).events());
    } else {
      keep(chat, call(chat, "POST", "/chat/ask", question, 200, 202, 502));
    }
  }

  /** A chat that comes into being by a question. */
  void askAnew(Space space) {
    String marker = Chat.newMarker();
    ObjectNode question =
        object("workspace_id", space.id, "message", Chat.words(space.owner, marker, random));
    Reply reply =
        stage.api().call(space.owner, null, "POST", "/chat/ask", question, 200, 202, 404, 502);
    if (reply.status() == 404) {
      stage.findings().check(!space.isAlive(), "a workspace that is lost", space.id);
    } else if (reply.json().has("chat_id")) {
      keep(add(space, new Chat(space.owner, reply.json().path("chat_id").asText(), marker)), reply);
    }
  }

  /** Over a connection that is there; with a string that is good once. */
  void say(Chat chat) {
    List<Follower> able = chat.followers.stream().filter(Follower::canSay).toList();
    if (able.isEmpty()) {
      follow(chat);
      return;
    }
    Follower follower = able.get(random.nextInt(able.size()));
    String path = "/chat/authorize/message?chat_id=" + chat.id;
    String string = call(chat, "GET", path, null, 200).json().path("message_string").asText();
    String answer = follower.say(chat.text(random), string);
    stage.figures().count("said over a socket: " + answer);
    if (answer.equals("feedback")) {
      again(chat, follower, string);
    } else if (!answer.equals("ended")) {
      // A server that was started anew in between knows nothing of the string.
      stage.figures().count("said over a socket, refused");
    }
  }

  private void again(Chat chat, Follower follower, String used) {
    if (random.nextInt(3) == 0) {
      String answer = follower.say(Markers.REFUSED + " " + chat.text(random), used);
      stage
          .findings()
          .check(
              List.of("invalid_message_string", "ended").contains(answer),
              "a message string that is good twice",
              chat.id + " " + answer);
    }
  }

  void cancel(Chat chat) {
    call(chat, "POST", "/chat/cancel?chat_id=" + chat.id, null, 200);
  }

  void retry(Chat chat) {
    Reply reply = call(chat, "POST", "/chat/retry?chat_id=" + chat.id, null, 202, 404);
    if (reply.status() == 202) {
      chat.record.accepted(reply.json());
    } else {
      stage
          .findings()
          .check(
              !chat.isAlive() || !chat.isWritten(), "nothing to try again", chat.id + reply.text());
    }
  }

  /** What came after some number is there, each once and in order. */
  void poll(Chat chat) {
    long since = Math.max(0, chat.record.lastSeq() - random.nextInt(60));
    String path = "/chat/events?poll=1&chat_id=" + chat.id + "&since=" + since;
    List<JsonNode> events = new ArrayList<>();
    call(chat, "GET", path, null, 200).json().path("events").forEach(events::add);
    long next = since;
    for (JsonNode event : events) {
      if (event.has("seq") && event.path("seq").asLong() != ++next) {
        stage.findings().add("a gap in a poll", chat.id + " since " + since + ": " + event);
        break;
      }
    }
    chat.record.told(events);
  }

  void read(Chat chat) {
    String path = "/chat/messages?chat_id=" + chat.id + "&limit=" + (1 + random.nextInt(200));
    call(chat, "GET", path, null, 200).json().path("messages").forEach(chat.record::given);
  }

  /** Everything that is not a secret of the others. */
  void look(Chat chat) {
    JsonNode seen = call(chat, "GET", "/chat?chat_id=" + chat.id, null, 200).json();
    stage
        .findings()
        .check(seen.path("chat_id").asText().equals(chat.id), "another chat", seen.toString());
  }

  void rename(Chat chat) {
    ObjectNode title = object("title", chat.owner.marker + " " + random.nextInt(1_000));
    call(chat, "PUT", "/chat?chat_id=" + chat.id, title, 200);
  }

  void delete(Chat chat) {
    chat.become(Thing.State.DELETING);
    long begun = System.nanoTime();
    call(chat, "DELETE", "/chat?chat_id=" + chat.id, null, 200);
    stage.figures().latency("chat deleted").add(System.nanoTime() - begun);
    bury(stage, chat);
  }

  static void bury(Stage stage, Chat chat) {
    chat.become(Thing.State.DELETED);
    String path = "/chat?chat_id=" + chat.id;
    stage.buried(new Stage.Gone(chat.owner, path, "Chat not found"));
  }

  private void keep(Chat chat, Reply reply) {
    JsonNode json = reply.json();
    if (reply.status() == 502) {
      stage
          .findings()
          .check(json.path("code").isTextual(), "a failure without code", json.toString());
      stage.figures().count("runs told as failed: " + json.path("code").asText());
    } else if (reply.status() == 202) {
      // The server stops, and the reply is made when it is back.
      stage.findings().check(reply.isLast(), "no reply to who waits", json.toString());
      chat.accepted(json);
    } else if (!json.path("content").asText().isEmpty()) {
      ((ObjectNode) json).remove("workspace_id");
      chat.record.given(json);
    }
  }

  private void checkEnd(Reply reply) {
    List<JsonNode> events = reply.events();
    JsonNode last = events.isEmpty() ? object() : events.get(events.size() - 1);
    stage.figures().count("streamed runs: " + last.path("data").path("status").asText("none"));
  }

  private Reply stream(Chat chat, String path, ObjectNode body) {
    int proxy = random.nextInt(3) == 0 ? stage.proxy().port() : 0;
    return stage.api().stream(chat.owner, chat, path, body, proxy, 200);
  }

  private Reply call(Chat chat, String method, String path, ObjectNode body, int... expected) {
    return stage.api().call(chat.owner, chat, method, path, body, expected);
  }

  private ObjectNode message(Chat chat) {
    return object("chat_id", chat.id, "message", chat.text(random));
  }
}
