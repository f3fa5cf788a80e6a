package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.model.ScriptedProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that is killed again and again while many people use it, always on the same data. {@code
 * -Dcrash.rounds=N} is how often, {@code -Dcrash.seed=N} repeats a run's random choices.
 */
class CrashIT {

  private static final int ROUNDS = Integer.getInteger("crash.rounds", 3);
  private static final int USERS = 4;
  private static final int CHATS = 16;
  private static final int MAX_MILLIS = 3_500;

  /**
   * What is shown of a reply is saved at most half a second later; the rest is for slow machines.
   */
  private static final int SAVED_WITHIN_MILLIS = 1_500;

  @TempDir Path folder;

  private final Random random = new Random();
  private final Story story = new Story();
  private final List<ChatRecord> chats = new ArrayList<>();
  private final Map<String, Integer> endings = new TreeMap<>();
  private String[] settings;
  private ServerProcess server;

  @Test
  void kill_atAnyMoment_losesNothingThatAnybodyWasTold() throws Exception {
    long seed = Long.getLong("crash.seed", System.nanoTime());
    random.setSeed(seed);
    int round = 0;
    try (ScriptedProvider provider = ScriptedProvider.start().usually(story::play)) {
      settings = settings(provider);
      server = ServerProcess.serve(folder, settings);
      makeChats();
      while (round < ROUNDS) {
        round++;
        round("round " + round);
      }
    } catch (Throwable e) {
      String where = "round %d with -Dcrash.seed=%d\n%s".formatted(round, seed, server.output());
      throw new AssertionError(where, e);
    } finally {
      server.close();
    }
    System.out.printf("%d rounds with -Dcrash.seed=%d, runs: %s%n", ROUNDS, seed, endings);
    assertThat(endings).containsOnlyKeys("completed", "cancelled", "interrupted");
  }

  private void makeChats() {
    for (int user = 0; user < USERS; user++) {
      String token = server.login("user" + user + "@example.com");
      for (int chat = 0; chat < CHATS / USERS; chat++) {
        chats.add(new ChatRecord(token, server.chat(token)));
      }
    }
  }

  private void round(String name) throws Exception {
    story.takeTime();
    CrashTraffic traffic = new CrashTraffic(server, chats, name, random);
    traffic.begin();
    traffic.killAfter(random.nextInt(MAX_MILLIS), SAVED_WITHIN_MILLIS);
    assertThat(server.output()).doesNotContain("ERROR");
    story.hurry();
    if (random.nextInt(3) == 0) {
      killWhileItStarts();
    }
    server = ServerProcess.serve(folder, settings);
    endings.clear();
    for (ChatRecord chat : chats) {
      Await.until(() -> !isBusy(chat), () -> "a chat that is free: " + events(chat));
      chat.check(events(chat), history(chat))
          .forEach((end, n) -> endings.merge(end, n, Integer::sum));
    }
    for (ChatRecord chat : chats) {
      String question = "Go on after " + name;
      String body = AppFixture.object("chat_id", chat.chatId, "message", question).toString();
      JsonNode reply = server.send(chat.token, "POST", "/chat/message?wait=true", body);
      assertThat(reply.path("content").asText()).isEqualTo(Story.replyTo(question));
      chat.given(reply);
    }
    assertThat(server.output()).doesNotContain("ERROR");
  }

  /** Ends what the last one left, or only some of it. */
  private void killWhileItStarts() throws InterruptedException {
    try (ServerProcess starting = ServerProcess.run(folder, Map.of(), arguments())) {
      var unused = new CountDownLatch(1).await(random.nextInt(1_500), TimeUnit.MILLISECONDS);
      starting.kill();
      assertThat(starting.output()).doesNotContain("ERROR");
    }
  }

  private boolean isBusy(ChatRecord chat) {
    return get(chat, "/chat?chat_id=" + chat.chatId).path("busy").asBoolean();
  }

  private List<JsonNode> events(ChatRecord chat) {
    List<JsonNode> events = new ArrayList<>();
    JsonNode page;
    do {
      String poll = "/chat/events?poll=1&chat_id=" + chat.chatId + "&since=" + events.size();
      page = get(chat, poll).path("events");
      page.forEach(events::add);
    } while (!page.isEmpty());
    return events;
  }

  private List<JsonNode> history(ChatRecord chat) {
    LinkedList<JsonNode> messages = new LinkedList<>();
    JsonNode page;
    do {
      String before =
          messages.isEmpty() ? "" : "&before=" + messages.getFirst().path("message_id").asText();
      page = get(chat, "/chat/messages?limit=200&chat_id=" + chat.chatId + before);
      for (int i = page.path("messages").size() - 1; i >= 0; i--) {
        messages.addFirst(page.path("messages").get(i));
      }
    } while (page.path("has_more").asBoolean());
    return messages;
  }

  private JsonNode get(ChatRecord chat, String path) {
    return server.send(chat.token, "GET", path, "");
  }

  private String[] arguments() {
    return Stream.concat(Stream.of("server.port=0"), Stream.of(settings))
        .map(setting -> "--" + setting)
        .toArray(String[]::new);
  }

  private static String[] settings(ScriptedProvider provider) {
    return new String[] {
      "provider.scripted.type=openai",
      "provider.scripted.base-url=" + provider.baseUrl(),
      "provider.scripted.api-key=" + ScriptedProvider.KEY,
      "model.default=scripted/story",
      "agents.max-history-size=2000"
    };
  }
}
