package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * People who write, follow, poll and cancel in many chats at once, over every transport, until the
 * server is killed under them; each chat's {@link ChatRecord} keeps what they were told.
 */
final class CrashTraffic {

  private record Following(ChatRecord chat, EventStream stream) {}

  private static final int READERS = 3;

  private final ServerProcess server;
  private final List<ChatRecord> chats;
  private final Random random;
  private final String name;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "traffic");
            thread.setDaemon(true);
            return thread;
          });
  private final List<Future<?>> people = new ArrayList<>();
  private final Map<ChatRecord, ChatClient> sockets = new HashMap<>();
  private final List<Following> streams = new CopyOnWriteArrayList<>();
  private final CountDownLatch killed = new CountDownLatch(1);

  /**
   * @param name what their messages are told by, different each time
   */
  CrashTraffic(ServerProcess server, List<ChatRecord> chats, String name, Random random) {
    this.server = server;
    this.chats = chats;
    this.name = name;
    this.random = random;
  }

  /** Connects to all chats, and lets all begin. */
  void begin() {
    for (ChatRecord chat : chats) {
      ChatClient socket = server.connect(chat.token, chat.chatId, chat.lastSeq());
      sockets.put(chat, socket);
      follow(chat, chat.lastSeq());
    }
    for (ChatRecord chat : chats) {
      Random own = new Random(random.nextLong());
      people.add(threads.submit(() -> goOn(() -> write(chat, own))));
    }
    for (int i = 0; i < READERS; i++) {
      Random own = new Random(random.nextLong());
      people.add(threads.submit(() -> goOn(() -> read(chats.get(own.nextInt(chats.size())), own))));
    }
  }

  /** Kills the server that long after now, and returns when everybody has noticed. */
  void killAfter(long millis, long savedWithinMillis) throws Exception {
    pause(Math.max(0, millis - savedWithinMillis));
    if (millis > savedWithinMillis) {
      record();
      chats.forEach(ChatRecord::textsMustBeSaved);
    }
    pause(Math.min(millis, savedWithinMillis));
    killed.countDown();
    server.kill();
    for (Future<?> person : people) {
      person.get(60, TimeUnit.SECONDS);
    }
    sockets.values().forEach(ChatClient::awaitEnd);
    streams.forEach(following -> following.stream().awaitEnd());
    record();
    threads.shutdownNow();
  }

  private void record() {
    sockets.forEach((chat, socket) -> chat.told(socket.received()));
    streams.forEach(following -> following.chat().told(following.stream().received()));
  }

  /** Does something over and over, until it fails for want of a server. */
  private void goOn(Runnable something) {
    try {
      while (killed.getCount() > 0) {
        something.run();
      }
    } catch (RuntimeException | AssertionError e) {
      if (killed.getCount() > 0) {
        throw e;
      }
    }
  }

  private void write(ChatRecord chat, Random own) {
    String echo = own.nextInt(3) == 0 ? "@echo " : "";
    String text = echo + "Tell me of " + name + " " + Long.toString(own.nextLong(), 36);
    ObjectNode message = AppFixture.object("chat_id", chat.chatId, "message", text);
    switch (own.nextInt(8)) {
      case 0, 1 -> chat.given(expect(200, chat, "POST", "/chat/message?wait=true", message));
      case 2, 3 -> chat.accepted(expect(202, chat, "POST", "/chat/message", message));
      case 4, 5 -> sockets.get(chat).message(text, messageString(chat));
      case 6 -> stream(chat, message);
      default -> changeMind(chat, own);
    }
    pause(own.nextInt(150));
  }

  private void changeMind(ChatRecord chat, Random own) {
    if (own.nextBoolean()) {
      expect(200, chat, "POST", "/chat/cancel?chat_id=" + chat.chatId, null);
    } else {
      sockets.get(chat).send("cancel", AppFixture.object());
    }
    // The chat may be new, its first message having been cancelled by nobody yet.
    var retried = answer(chat, "POST", "/chat/retry?chat_id=" + chat.chatId, null);
    if (retried.status() != 404) {
      assertThat(retried.status()).isEqualTo(202);
      chat.accepted(retried.json());
    }
  }

  private void read(ChatRecord chat, Random own) {
    String query = "?chat_id=" + chat.chatId;
    switch (own.nextInt(3)) {
      case 0 -> {
        long since = Math.max(0, chat.lastSeq() - own.nextInt(50));
        String poll = "/chat/events" + query + "&poll=1&since=" + since;
        List<JsonNode> events = new ArrayList<>();
        expect(200, chat, "GET", poll, null).path("events").forEach(events::add);
        chat.told(events);
      }
      case 1 ->
          expect(200, chat, "GET", "/chat/messages" + query, null)
              .path("messages")
              .forEach(chat::given);
      default -> follow(chat, Math.max(0, chat.lastSeq() - own.nextInt(300)));
    }
    pause(own.nextInt(60));
  }

  private void follow(ChatRecord chat, long since) {
    String path = "/chat/events?chat_id=" + chat.chatId + "&since=" + since;
    keep(
        chat,
        EventStream.open(server.http(), server.url(), chat.token, "GET", path, null, Map.of()));
  }

  private void stream(ChatRecord chat, ObjectNode message) {
    EventStream stream =
        EventStream.open(
            server.http(), server.url(), chat.token, "POST", "/chat/message", message, Map.of());
    keep(chat, stream);
    stream.awaitEnd();
  }

  private void keep(ChatRecord chat, EventStream stream) {
    assertThat(stream.response().statusCode()).isEqualTo(200);
    streams.add(new Following(chat, stream));
  }

  private String messageString(ChatRecord chat) {
    return expect(200, chat, "GET", "/chat/authorize/message?chat_id=" + chat.chatId, null)
        .path("message_string")
        .asText();
  }

  private JsonNode expect(
      int status, ChatRecord chat, String method, String path, ObjectNode body) {
    AppFixture.Answer answer = answer(chat, method, path, body);
    assertThat(answer.status()).as("%s %s: %s", method, path, answer.json()).isEqualTo(status);
    return answer.json();
  }

  private AppFixture.Answer answer(ChatRecord chat, String method, String path, ObjectNode body) {
    return server.answer(chat.token, method, path, body == null ? "" : body.toString());
  }

  private void pause(long millis) {
    try {
      var unused = killed.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
