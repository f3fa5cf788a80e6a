package io.coterie.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.search.MessageSearch.Page;
import io.coterie.search.MessageSearch.Result;
import io.coterie.storage.Database;
import io.coterie.storage.Ids;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Searching beside a plain look at every message, over chats whose messages mingle. */
class MessageSearchTest {

  private record Message(UUID chatId, UUID messageId, Instant createdAt, String text) {}

  private static final Comparator<Message> NEWEST_FIRST =
      Comparator.comparing(Message::createdAt).thenComparing(Message::messageId).reversed();

  private static final int CHATS = 12;
  private static final int MESSAGES = 2_500;
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  private final String url = "jdbc:h2:mem:" + UUID.randomUUID();
  private final Random random = new Random();
  private final long seed = System.nanoTime();
  private final UUID user = Ids.next();
  private final List<UUID> chats = new ArrayList<>();
  private final List<Message> messages = new ArrayList<>();
  private Database database;
  private MessageGroups groups;
  private Connection sql;
  private MessageSearch search;

  @BeforeEach
  void open() throws SQLException {
    random.setSeed(seed);
    database = Database.open(url, false);
    database.awaitOpen(SearchDao.class);
    groups = new MessageGroups(database, Runnable::run);
    sql = DriverManager.getConnection(url, "sa", "");
    search = new MessageSearch(database, groups);
    UUID workspace = Ids.next();
    update(
        "INSERT INTO users (user_id, email, email_key, password_hash, role, disabled, token_version,"
            + " created_at) VALUES (?, 'a@b', 'a@b', '', 'user', FALSE, 0, CURRENT_TIMESTAMP)",
        user);
    update(
        "INSERT INTO workspaces (workspace_id, owner_id, name, created_at)"
            + " VALUES (?, ?, 'W', CURRENT_TIMESTAMP)",
        workspace,
        user);
    for (int i = 0; i < CHATS; i++) {
      chats.add(Ids.next());
      update(
          "INSERT INTO chats (chat_id, workspace_id, owner_id, last_seq, created_at, updated_at)"
              + " VALUES (?, ?, ?, 0, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)",
          chats.get(i),
          workspace,
          user);
    }
  }

  @AfterEach
  void close() throws SQLException {
    sql.close();
    database.close();
  }

  @RepeatedTest(3)
  void find_inPages_isWhatALookAtEveryMessageFinds() throws SQLException {
    for (int i = 0; i < MESSAGES; i++) {
      // Several of one millisecond, now and then one that is older than those before it.
      long millis = i / 3 - (random.nextInt(20) == 0 ? 50 : 0);
      add(
          chats.get(random.nextInt(CHATS)),
          BEGIN.plusMillis(millis),
          words(1 + random.nextInt(30)));
    }
    messages.sort(NEWEST_FIRST);
    for (String query : List.of("w0", "w1 w2", "w40", "w7 w30 w3", "w3999", "w0 none")) {
      List<UUID> expected =
          messages.stream()
              .filter(m -> List.of(m.text.split(" ")).containsAll(List.of(query.split(" "))))
              .map(Message::messageId)
              .toList();
      assertThat(pages(query, 1 + random.nextInt(60)))
          .as("%s with seed %d", query, seed)
          .isEqualTo(expected);
    }
  }

  @Test
  void find_whatIsInNoGroupYet_isInItsPlaceAmongTheOthers() throws SQLException {
    for (int i = 0; i < 3 * MessageGroups.SIZE; i++) {
      add(chats.get(i % CHATS), BEGIN.plusMillis(i), "w0 " + i);
    }
    groups.grow(user);
    assertThat(count("mark_groups")).isEqualTo(3);
    // As after a clock was set back: some belong before, some between, some after the groups.
    for (int i = 0; i < 100; i++) {
      add(chats.get(0), BEGIN.plusMillis(random.nextInt(1_000) - 100), "w0 late");
    }
    messages.sort(NEWEST_FIRST);
    assertThat(pages("w0", 7)).isEqualTo(messages.stream().map(Message::messageId).toList());
    for (int i = 0; i < MessageGroups.SIZE; i++) {
      add(chats.get(0), BEGIN.plusMillis(random.nextInt(1_000) - 100), "w0 later");
    }
    groups.grow(user);
    messages.sort(NEWEST_FIRST);
    assertThat(pages("w0", 40)).isEqualTo(messages.stream().map(Message::messageId).toList());
  }

  @Test
  void find_afterAChatIsGone_doesNotFindIt_andItsWordsAreForgotten() throws SQLException {
    for (int i = 0; i < 3 * MessageGroups.SIZE; i++) {
      add(chats.get(i < MessageGroups.SIZE ? 0 : 1 + i % 2), BEGIN.plusMillis(i), "w0 " + i);
    }
    groups.grow(user);
    update("DELETE FROM chats WHERE chat_id IN (?, ?)", chats.get(0), chats.get(1));
    messages.removeIf(m -> List.of(chats.get(0), chats.get(1)).contains(m.chatId));
    messages.sort(NEWEST_FIRST);
    List<UUID> left = messages.stream().map(Message::messageId).toList();
    assertThat(pages("w0", 50)).isEqualTo(left);
    byte[] before = firstFilter();
    for (UUID chat : List.of(chats.get(0), chats.get(1))) {
      update("DELETE FROM message_marks WHERE chat_id = ?", chat);
      update("DELETE FROM messages WHERE chat_id = ?", chat);
    }
    update("INSERT INTO mark_groups_due (owner_id) VALUES (?)", user);
    groups.start();
    assertThat(count("mark_groups_due")).isZero();
    assertThat(count("mark_groups")).isEqualTo(2);
    assertThat(firstFilter()).isNotEqualTo(before);
    assertThat(pages("w0", 50)).isEqualTo(left);
  }

  private int count(String table) throws SQLException {
    try (var query = sql.createStatement();
        var rows = query.executeQuery("SELECT COUNT(*) FROM " + table)) {
      rows.next();
      return rows.getInt(1);
    }
  }

  /** The filter of the newest group. */
  private byte[] firstFilter() throws SQLException {
    try (var query = sql.createStatement();
        var rows = query.executeQuery("SELECT marks FROM mark_groups ORDER BY last_no DESC")) {
      rows.next();
      return rows.getBytes(1);
    }
  }

  @Test
  void find_wordThatIsNowhere_readsHardlyAnyMessage() throws SQLException {
    for (int i = 0; i < MESSAGES; i++) {
      add(chats.get(0), BEGIN.plusMillis(i), words(20));
    }
    Marks nowhere = new Query("nowhere").marks();
    long passed = messages.stream().filter(m -> nowhere.mayBeIn(Marks.of(m.text))).count();
    // One of 200, and some more as luck has it.
    assertThat(passed).isLessThan(MESSAGES / 50);
  }

  private List<UUID> pages(String query, int limit) {
    List<UUID> found = new ArrayList<>();
    Page page;
    do {
      UUID before = found.isEmpty() ? null : found.get(found.size() - 1);
      page = search.find(user, null, new Query(query), before, limit);
      page.results().stream().map(Result::messageId).forEach(found::add);
      assertThat(page.results().size()).isLessThanOrEqualTo(limit);
    } while (page.hasMore());
    return found;
  }

  /** Few words are in many messages, many in few. */
  private String words(int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      int rank = (int) Math.pow(4_000, random.nextDouble()) - 1;
      text.append('w').append(rank).append(' ');
    }
    return text.toString().strip();
  }

  private void add(UUID chat, Instant createdAt, String text) throws SQLException {
    Message message = new Message(chat, Ids.next(), createdAt, text);
    messages.add(message);
    Object at = createdAt.atOffset(ZoneOffset.UTC);
    update(
        "INSERT INTO messages (message_id, chat_id, run_id, seq, turn_seq, role, content, status,"
            + " created_at) VALUES (?, ?, ?, ?, 1, 'user', ?, 'completed', ?)",
        message.messageId,
        chat,
        message.messageId,
        messages.size(),
        text,
        at);
    update(
        "INSERT INTO message_marks (owner_id, chat_id, message_id, created_at, marks)"
            + " VALUES (?, ?, ?, ?, ?)",
        user,
        chat,
        message.messageId,
        at,
        Marks.of(text));
  }

  private void update(String statement, Object... values) throws SQLException {
    try (PreparedStatement prepared = sql.prepareStatement(statement)) {
      for (int i = 0; i < values.length; i++) {
        prepared.setObject(i + 1, values[i]);
      }
      prepared.execute();
    }
  }
}
