package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import io.coterie.AppFixture;
import io.coterie.Await;
import io.coterie.LiveClient;
import io.coterie.LiveTransport;
import io.coterie.Transcript;
import io.coterie.model.Gate;
import io.coterie.model.RunFailure;
import io.coterie.model.ScriptedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many clients whose connections break at random while replies stream, complete, fail and are
 * cancelled: each has in the end exactly what the server has. A failure names its seed; {@code
 * -Dcoterie.test.seed} repeats the choices, {@code -Dcoterie.test.clients} sets their number.
 */
class ReconnectTest {

  private static final int CLIENTS = Integer.getInteger("coterie.test.clients", 200);
  private static final int CHATS = 8;
  private static final int MESSAGES = 5;
  private static final int PIECES = 30;
  private static final int CUTS = 5;

  private final long seed = Long.getLong("coterie.test.seed", System.nanoTime());
  private final Map<String, Gate> hanging = new ConcurrentHashMap<>();
  private final ExecutorService cutters = Executors.newFixedThreadPool(6);
  private final AtomicReference<Throwable> broken = new AtomicReference<>();
  private final AtomicInteger cuts = new AtomicInteger();
  private final AtomicInteger away = new AtomicInteger();

  @ParameterizedTest
  @EnumSource
  void clientsThatAreCutAtRandom_missAndDoubleNothing(LiveTransport transport) throws Exception {
    try (AppFixture app = AppFixture.startWith(new ScriptedModel(this::reply))) {
      var user = app.login();
      String workspace = app.workspace(user);
      List<String> chats =
          IntStream.range(0, CHATS).mapToObj(i -> app.chat(user, workspace)).toList();
      List<Device> devices =
          IntStream.range(0, CLIENTS)
              .mapToObj(i -> new Device(app, user, transport, chats.get(i % CHATS), seed + i))
              .toList();
      devices.forEach(Device::goAway);
      converse(app, user, chats);
      Map<String, List<JsonNode>> stored = new ConcurrentHashMap<>();
      chats.forEach(chat -> stored.put(chat, stored(app, user, chat)));
      for (Device device : devices) {
        device.assertHas(stored.get(device.chat));
      }
      for (String chat : chats) {
        assertThat(messages(app, user, chat)).isEqualTo(messagesAmong(stored.get(chat)));
      }
      assertThat(cuts.get()).as("cuts").isGreaterThan(CLIENTS * 2);
      assertThat(devices.stream().mapToInt(d -> d.transcript.catchUps()).sum()).isPositive();
      assertThat(devices.stream().mapToInt(d -> d.transcript.compared()).sum()).isPositive();
      devices.forEach(Device::close);
    } catch (Throwable e) {
      throw new AssertionError("with -Dcoterie.test.seed=" + seed, e);
    } finally {
      cutters.shutdownNow();
    }
  }

  /** Somebody who comes back with the last number seen, until there are no more cuts. */
  private final class Device {
    private final AppFixture app;
    private final AppFixture.Login user;
    private final LiveTransport transport;
    private final String chat;
    private final Transcript transcript;
    private final Random random;
    private final AtomicInteger untilCut = new AtomicInteger();
    private int cutsLeft = CUTS;
    private LiveClient client;

    Device(AppFixture app, AppFixture.Login user, LiveTransport transport, String chat, long seed) {
      this.app = app;
      this.user = user;
      this.transport = transport;
      this.chat = chat;
      this.transcript = new Transcript(transport.streams());
      this.random = new Random(seed);
    }

    synchronized void reconnect() {
      try {
        if (client != null) {
          client.cut();
          cuts.incrementAndGet();
        }
        int events =
            cutsLeft-- > 0 ? random.nextInt(transport.streams() ? 40 : 12) : Integer.MAX_VALUE;
        untilCut.set(events);
        transcript.connected();
        client = transport.connect(app, user, chat, transcript.lastSeq(), this::receive);
        if (events == 0) {
          goAway();
        }
      } catch (Throwable e) {
        broken.compareAndSet(null, e);
      } finally {
        away.decrementAndGet();
      }
    }

    void goAway() {
      away.incrementAndGet();
      cutters.execute(this::reconnect);
    }

    private void receive(JsonNode event) {
      transcript.accept(event);
      if (untilCut.decrementAndGet() == 0) {
        goAway();
      }
    }

    void assertHas(List<JsonNode> stored) {
      Await.until(
          () -> settled(stored.size()),
          () -> transcript.lastSeq() + " of " + stored.size() + " events");
      assertThat(broken.get()).isNull();
      assertThat(transcript.fault()).isNull();
      assertThat(transcript.stored()).isEqualTo(stored);
    }

    private boolean settled(int size) {
      return transcript.lastSeq() == size || transcript.fault() != null || broken.get() != null;
    }

    synchronized void close() {
      client.close();
    }
  }

  private enum Ending {
    COMPLETES,
    FAILS,
    IS_CANCELLED
  }

  /** Says all messages of all chats; returns when the last run has ended. */
  private void converse(AppFixture app, AppFixture.Login user, List<String> chats)
      throws Exception {
    List<Callable<Void>> conversations = new ArrayList<>();
    for (int c = 0; c < chats.size(); c++) {
      String chat = chats.get(c);
      int number = c;
      conversations.add(
          () -> {
            Random random = new Random(seed - number);
            for (int m = 0; m < MESSAGES; m++) {
              Ending ending = Ending.values()[random.nextInt(Ending.values().length)];
              say(app, user, chat, number + "-" + m + " " + ending, ending);
            }
            // Its turn comes when all the others have had theirs.
            send(app, user, chat, "?wait=true", number + "-last " + Ending.COMPLETES);
            return null;
          });
    }
    io.coterie.AllAtOnce.call(conversations);
  }

  private void say(AppFixture app, AppFixture.Login user, String chat, String text, Ending ending) {
    if (ending != Ending.IS_CANCELLED) {
      send(app, user, chat, "", text);
      return;
    }
    Gate hangs = hanging.computeIfAbsent(text, t -> new Gate());
    String run = send(app, user, chat, "", text).path("run_id").asText();
    hangs.await();
    app.post(user.token(), "/chat/cancel?chat_id=" + chat + "&run_id=" + run, null);
  }

  private static JsonNode send(
      AppFixture app, AppFixture.Login user, String chat, String query, String text) {
    AppFixture.Answer answer =
        app.post(
            user.token(),
            "/chat/message" + query,
            AppFixture.object("chat_id", chat, "message", text));
    assertThat(answer.status()).as(answer.response().body()).isIn(200, 202);
    return answer.json();
  }

  /** A reply in many pieces, some of which end in half a character. */
  private void reply(ChatRequest request, ScriptedModel.Reply reply) {
    String asked =
        ((UserMessage) request.messages().get(request.messages().size() - 1)).singleText();
    Random random = new Random(seed ^ asked.hashCode());
    String alphabet = "abc é\n😀";
    for (int i = 0; i < PIECES; i++) {
      StringBuilder piece = new StringBuilder().append(i);
      for (int length = random.nextInt(12); length > 0; length--) {
        piece.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      // However slow the machine is, most clients are there to be cut in the middle of a reply.
      Await.until(() -> away.get() <= CLIENTS / 4, () -> away + " clients are away");
      reply.text(piece.toString());
      LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(4_000)));
    }
    switch (Ending.valueOf(asked.substring(asked.indexOf(' ') + 1))) {
      case COMPLETES -> reply.complete(1, 1);
      case FAILS -> reply.fail(new RunFailure(RunFailure.Code.MODEL_UNAVAILABLE, "Down."));
      case IS_CANCELLED -> {
        hanging.computeIfAbsent(asked, t -> new Gate()).open();
        reply.awaitCancel();
      }
    }
  }

  private static List<JsonNode> stored(AppFixture app, AppFixture.Login user, String chat) {
    List<JsonNode> events = new ArrayList<>();
    String path = "/chat/events?poll=1&chat_id=" + chat + "&since=";
    JsonNode page = app.get(user.token(), path + 0).json();
    while (!page.path("events").isEmpty()) {
      page.path("events").forEach(events::add);
      page = app.get(user.token(), path + page.path("last_seq").asLong()).json();
    }
    return events;
  }

  private static List<JsonNode> messages(AppFixture app, AppFixture.Login user, String chat) {
    List<JsonNode> messages = new ArrayList<>();
    String path = "/chat/messages?limit=7&chat_id=" + chat;
    JsonNode page = app.get(user.token(), path).json();
    while (true) {
      List<JsonNode> older = new ArrayList<>();
      page.path("messages").forEach(older::add);
      messages.addAll(0, older);
      if (!page.path("has_more").asBoolean()) {
        return messages.stream().map(ReconnectTest::said).toList();
      }
      String first = messages.get(0).path("message_id").asText();
      page = app.get(user.token(), path + "&before=" + first).json();
    }
  }

  private static List<JsonNode> messagesAmong(List<JsonNode> events) {
    return events.stream()
        .filter(event -> event.path("event").asText().matches("feedback|message"))
        .map(event -> said(event.path("data")))
        .toList();
  }

  /** What an event and the history both know of a message. */
  private static JsonNode said(JsonNode message) {
    boolean feedback = message.has("message");
    return AppFixture.object(
        "message_id",
        message.path("message_id").asText(),
        "content",
        message.path(feedback ? "message" : "content").asText(),
        "status",
        feedback ? "completed" : message.path("status").asText());
  }
}
