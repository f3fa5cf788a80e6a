package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import io.coterie.EventStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What is read of a long chat, or of a large workspace, takes as long as the same of a short one.
 * Both are timed in turn; the figures are printed.
 */
class LongWalksTest {

  private static final int LONG = Integer.getInteger("growth.turns", 10_000);
  private static final int SHORT = 300;
  private static final int EVENTS_A_TURN = 7;
  private static final int CHATS = 5_000;
  private static final int FEW_CHATS = 120;
  private static final int ROUNDS = 15;

  /** How much longer the same may take; what is left of a scan shows as tens. */
  private static final double MAX_RATIO = 4;

  /** Below this a machine that does something else shows, and nothing of what is looked for. */
  private static final double NOISE_MILLIS = 15;

  private static final String RUN =
      "{\"run_id\":\"%s\",\"message_id\":\"%s\",\"agent_id\":\"echo\",\"status\":\"running\"}";

  private record Chat(String id, int turns) {

    int events() {
      return turns * EVENTS_A_TURN;
    }

    String message(int turn) {
      return LongWalksTest.message(UUID.fromString(id), turn);
    }
  }

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static AppFixture app;
  private static Login user;
  private static Chat longChat;
  private static Chat shortChat;
  private static String large;
  private static String small;

  @BeforeAll
  static void fill() throws SQLException {
    app = AppFixture.start();
    user = app.login();
    large = app.workspace(user);
    small = app.workspace(user);
    longChat = new Chat(app.chat(user, large), LONG);
    shortChat = new Chat(app.chat(user, small), SHORT);
    try (Connection database = DriverManager.getConnection(app.databaseUrl(), "sa", "");
        Statement sql = database.createStatement()) {
      talk(sql, longChat);
      talk(sql, shortChat);
      chats(sql, large, CHATS, "a");
      chats(sql, small, FEW_CHATS, "b");
    }
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  /** Turns as echo has them: a message, four events of its run, the reply, the end of the run. */
  private static void talk(Statement sql, Chat chat) throws SQLException {
    String ids = "CAST('" + chat.id().substring(0, 23) + "-' || LPAD(%s, 12, '0') AS UUID)";
    String chatId = "CAST('" + chat.id() + "' AS UUID)";
    for (int half = 0; half < 2; half++) {
      String id = ids.formatted("2 * x + " + half);
      String seq = "x * %d + %d".formatted(EVENTS_A_TURN, half == 0 ? 1 : 6);
      sql.execute(
          """
          INSERT INTO messages (message_id, chat_id, run_id, seq, turn_seq, role, content, status, created_at)
          SELECT %s, %s, RANDOM_UUID(), %s, x * %d + 1, '%s', 'word ' || x, 'completed', CURRENT_TIMESTAMP
          FROM SYSTEM_RANGE(0, %d)"""
              .formatted(
                  id,
                  chatId,
                  seq,
                  EVENTS_A_TURN,
                  half == 0 ? "user" : "assistant",
                  chat.turns() - 1));
      sql.execute(
          """
          INSERT INTO events (chat_id, seq, type, message_id)
          SELECT %s, %s, '%s', %s FROM SYSTEM_RANGE(0, %d)"""
              .formatted(chatId, seq, half == 0 ? "feedback" : "message", id, chat.turns() - 1));
    }
    sql.execute(
        """
        INSERT INTO events (chat_id, seq, type, data)
        SELECT %s, x, 'run', '%s' FROM SYSTEM_RANGE(1, %d) WHERE MOD(x, 7) NOT IN (1, 6)"""
            .formatted(chatId, RUN.formatted(chat.message(0), chat.message(0)), chat.events()));
    sql.execute(
        """
        INSERT INTO runs (run_id, chat_id, message_id, reply_id, turn_seq, agent_id, status, created_at)
        SELECT RANDOM_UUID(), %s, %s, RANDOM_UUID(), 1, 'echo', 'completed', CURRENT_TIMESTAMP
        FROM SYSTEM_RANGE(1, %d)"""
            .formatted(chatId, ids.formatted("0"), chat.turns()));
    sql.execute("UPDATE chats SET last_seq = " + chat.events() + " WHERE chat_id = " + chatId);
  }

  private static String message(UUID chat, int turn) {
    return chat.toString().substring(0, 24) + "%012d".formatted(2 * turn);
  }

  private static void chats(Statement sql, String workspace, int count, String prefix)
      throws SQLException {
    sql.execute(
        """
        INSERT INTO chats (chat_id, workspace_id, owner_id, last_seq, created_at, updated_at)
        SELECT CAST('%s1a22800-0000-7000-8000-' || LPAD(x, 12, '0') AS UUID), CAST('%s' AS UUID),
          CAST('%s' AS UUID), 0, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP FROM SYSTEM_RANGE(1, %d)"""
            .formatted(prefix.equals("a") ? "0" : "1", workspace, user.userId(), count));
  }

  @Test
  void firstPageOfEvents() {
    compare("events, first page", chat -> poll(chat, 0, 1_000));
  }

  @Test
  void laterPageOfEvents() {
    compare("events, in the middle", chat -> poll(chat, chat.events() / 2, 1_000));
  }

  @Test
  void lastEvents() {
    compare("events, the last ones", chat -> poll(chat, chat.events() - 10, 10));
  }

  @Test
  void newestMessages() {
    compare("messages, newest", chat -> messages(chat, ""));
  }

  @Test
  void olderMessages() {
    compare("messages, older", chat -> messages(chat, "&before=" + chat.message(chat.turns() / 2)));
  }

  @Test
  void newerMessages() {
    compare("messages, newer", chat -> messages(chat, "&after=" + chat.message(chat.turns() / 2)));
  }

  @Test
  void aChat() {
    compare("the chat itself", chat -> get("/chat?chat_id=" + chat.id()));
  }

  @Test
  void aMessage() {
    compare(
        "a message",
        chat -> {
          var body = AppFixture.object("chat_id", chat.id(), "message", "@echo hello");
          send("POST", "/chat/message?wait=true", body.toString());
        });
  }

  @Test
  void aRetry() {
    compare(
        "a retry",
        chat -> {
          send("POST", "/chat/retry?wait=true&chat_id=" + chat.id(), "");
        });
  }

  @Test
  void aPageOfChats() {
    compare(
        "chats, a page",
        chat -> get("/workspace/" + (chat == longChat ? large : small) + "/chats?limit=50"));
  }

  @Test
  void everything_overAStream_takesAsLongAsItHas() {
    double[] perEvent = new double[2];
    for (Chat chat : List.of(shortChat, longChat, shortChat, longChat)) {
      long begun = System.nanoTime();
      try (EventStream stream = EventStream.follow(app, user.token(), chat.id(), 0L)) {
        stream.await(event -> event.path("seq").asInt() == chat.events());
      }
      double micros = (System.nanoTime() - begun) / 1e3 / chat.events();
      perEvent[chat == longChat ? 1 : 0] = micros;
    }
    System.out.printf(
        Locale.ROOT,
        "since=0 over SSE: short %.1f µs an event, long %.1f µs%n",
        perEvent[0],
        perEvent[1]);
    assertThat(perEvent[1]).isLessThan(MAX_RATIO * perEvent[0] + 100);
  }

  private static void poll(Chat chat, int since, int expected) {
    String answer = get("/chat/events?poll=1&since=" + since + "&chat_id=" + chat.id());
    assertThat(answer.split("\"seq\":")).hasSizeGreaterThan(expected);
  }

  private static void messages(Chat chat, String more) {
    String answer = get("/chat/messages?limit=50&chat_id=" + chat.id() + more);
    assertThat(answer.split("\"content\":")).hasSize(51);
  }

  private static String get(String path) {
    return send("GET", path, "");
  }

  /** Without the look at each answer that the fixture takes, which costs more than the answer. */
  private static String send(String method, String path, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(app.url() + path))
            .header("Authorization", "Bearer " + user.token())
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> answer =
        HTTP.sendAsync(request, HttpResponse.BodyHandlers.ofString()).join();
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  private static void compare(String what, Consumer<Chat> work) {
    List<Double> shorts = new ArrayList<>();
    List<Double> longs = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      shorts.add(millis(shortChat, work));
      longs.add(millis(longChat, work));
    }
    double little = median(shorts);
    double much = median(longs);
    System.out.printf(
        Locale.ROOT,
        "%-22s short %6.1f ms, long %6.1f ms, ratio %.2f%n",
        what,
        little,
        much,
        much / little);
    assertThat(much).as(what).isLessThan(MAX_RATIO * little + NOISE_MILLIS);
  }

  private static double millis(Chat chat, Consumer<Chat> work) {
    long begun = System.nanoTime();
    work.accept(chat);
    return (System.nanoTime() - begun) / 1e6;
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return Arrays.stream(sorted).skip(sorted.length / 2).findFirst().orElseThrow();
  }
}
