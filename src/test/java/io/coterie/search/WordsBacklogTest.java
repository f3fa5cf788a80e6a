package io.coterie.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.storage.Database;
import io.coterie.storage.Ids;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages that are older than searching become searchable. */
class WordsBacklogTest {

  private static final int MESSAGES = 250;

  private final String url = "jdbc:h2:mem:" + UUID.randomUUID();
  private final List<UUID> chats = new ArrayList<>();
  private Database database;
  private MessageGroups groups;
  private Connection sql;

  @BeforeEach
  void fill() throws SQLException {
    database = Database.open(url, false);
    database.awaitOpen(SearchDao.class);
    groups = new MessageGroups(database, Runnable::run);
    sql = DriverManager.getConnection(url, "sa", "");
    UUID user = Ids.next();
    execute(
        "INSERT INTO users (user_id, email, email_key, password_hash, role, disabled, token_version,"
            + " created_at) VALUES ('%s', 'a@b', 'a@b', '', 'user', FALSE, 0, CURRENT_TIMESTAMP)",
        user);
    UUID workspace = Ids.next();
    execute(
        "INSERT INTO workspaces (workspace_id, owner_id, name, created_at)"
            + " VALUES ('%s', '%s', 'W', CURRENT_TIMESTAMP)",
        workspace, user);
    for (int i = 0; i < 3; i++) {
      UUID chat = Ids.next();
      chats.add(chat);
      execute(
          "INSERT INTO chats (chat_id, workspace_id, owner_id, last_seq, created_at, updated_at)"
              + " VALUES ('%s', '%s', '%s', 0, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)",
          chat, workspace, user);
      execute(
          "INSERT INTO messages (message_id, chat_id, run_id, seq, turn_seq, role, content, status,"
              + " created_at) SELECT RANDOM_UUID(), '%s', RANDOM_UUID(), x, x, 'user',"
              + " 'Été ' || x, 'completed', CURRENT_TIMESTAMP FROM SYSTEM_RANGE(1, %d)",
          chat, MESSAGES);
    }
  }

  @AfterEach
  void close() throws SQLException {
    sql.close();
    database.close();
  }

  private void execute(String statement, Object... values) throws SQLException {
    try (var s = sql.createStatement()) {
      s.execute(statement.formatted(values));
    }
  }

  private int count(String from, Object... values) throws SQLException {
    try (var s = sql.createStatement();
        var rows = s.executeQuery("SELECT COUNT(*) FROM " + from.formatted(values))) {
      rows.next();
      return rows.getInt(1);
    }
  }

  @Test
  void start_givesEveryMessageItsWords_once() throws SQLException {
    new WordsBacklog(database, groups).start(Runnable::run);
    assertThat(count("message_marks")).isEqualTo(3 * MESSAGES);
    String seventh = HexFormat.of().formatHex(Marks.of("ÉTÉ, 7"));
    String sevenths = "message_marks k JOIN messages m ON m.message_id = k.message_id";
    assertThat(count(sevenths + " WHERE seq = 7 AND marks = X'%s'", seventh)).isEqualTo(3);
    assertThat(count("words_backlog")).isZero();
    List<Runnable> second = new ArrayList<>();
    new WordsBacklog(database, groups).start(second::add);
    assertThat(second).isEmpty();
  }

  @Test
  void start_afterAStop_goesOnWhereItWas() throws SQLException {
    execute("UPDATE words_backlog SET before_chat = '%s'", chats.get(1));
    new WordsBacklog(database, groups).start(Runnable::run);
    assertThat(count("message_marks WHERE chat_id = '%s'", chats.get(0))).isEqualTo(MESSAGES);
    assertThat(count("message_marks")).isEqualTo(MESSAGES);
    assertThat(count("words_backlog")).isZero();
  }

  @Test
  void close_endsTheWork_andLeavesTheRestForTheNextStart() throws SQLException {
    WordsBacklog stopped = new WordsBacklog(database, groups);
    List<Runnable> work = new ArrayList<>();
    stopped.start(work::add);
    stopped.close();
    work.forEach(Runnable::run);
    assertThat(count("message_marks")).isZero();
    assertThat(count("words_backlog")).isEqualTo(1);
    new WordsBacklog(database, groups).start(Runnable::run);
    assertThat(count("message_marks")).isEqualTo(3 * MESSAGES);
  }
}
