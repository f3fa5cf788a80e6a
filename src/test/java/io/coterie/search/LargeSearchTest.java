package io.coterie.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.storage.Database;
import io.coterie.storage.Ids;
import io.coterie.storage.RunningDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Searching through very many messages in a file, against the same before they were in groups: with
 * {@code -Dsearch.messages=100000} through more. The figures are printed.
 */
class LargeSearchTest {

  private static final int MESSAGES = Integer.getInteger("search.messages", 30_000);
  private static final int A_CHAT = 50;
  private static final int ROUNDS = 5;
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  private final Random random = new Random(1);
  private final UUID user = Ids.next();

  @TempDir Path folder;

  @Test
  void wordThatIsNowhere_andOneThatIsRare_areLookedForInGroups() throws SQLException {
    try (Database database = Database.open("jdbc:h2:" + folder.resolve("coterie"), false)) {
      database.awaitOpen(SearchDao.class);
      fill();
      List<Runnable> waiting = new ArrayList<>();
      MessageGroups groups = new MessageGroups(database, waiting::add);
      MessageSearch search = new MessageSearch(database, groups);
      double[] before = times(search);
      long begun = System.nanoTime();
      for (int i = 0; i < waiting.size(); i++) {
        waiting.get(i).run();
      }
      double grouping = (System.nanoTime() - begun) / 1e9;
      double[] after = times(search);
      System.out.printf(
          Locale.ROOT,
          "%d messages: nowhere %.0f ms, then %.1f; rare %.0f, then %.1f; everywhere %.1f, then %.1f; made in %.1f s%n",
          MESSAGES,
          before[0],
          after[0],
          before[1],
          after[1],
          before[2],
          after[2],
          grouping);
      assertThat(after[0]).isLessThan(before[0] / 3);
      assertThat(after[1]).isLessThan(before[1] / 2);
    }
  }

  /** Of a word that is nowhere, one that is in two messages, one that is in most; in ms. */
  private double[] times(MessageSearch search) {
    return new double[] {
      time(search, "nowhere", 0), time(search, "needle", 2), time(search, "w0", 50)
    };
  }

  private double time(MessageSearch search, String query, int expected) {
    double best = Double.MAX_VALUE;
    for (int i = 0; i < ROUNDS; i++) {
      long begun = System.nanoTime();
      var page = search.find(user, null, new Query(query + (i % 2 == 0 ? "" : " ")), null, 50);
      best = Math.min(best, (System.nanoTime() - begun) / 1e6);
      assertThat(page.results()).hasSize(expected);
    }
    return best;
  }

  private void fill() throws SQLException {
    try (Connection sql = DriverManager.getConnection(RunningDatabase.url(folder), "sa", "")) {
      UUID workspace = Ids.next();
      update(
          sql,
          "INSERT INTO users (user_id, email, email_key, password_hash, role, disabled, token_version,"
              + " created_at) VALUES (?, 'a@b', 'a@b', '', 'user', FALSE, 0, CURRENT_TIMESTAMP)",
          user);
      update(
          sql,
          "INSERT INTO workspaces (workspace_id, owner_id, name, created_at)"
              + " VALUES (?, ?, 'W', CURRENT_TIMESTAMP)",
          workspace,
          user);
      UUID chat = null;
      for (int i = 0; i < MESSAGES; i++) {
        if (i % A_CHAT == 0) {
          chat = Ids.next();
          update(
              sql,
              "INSERT INTO chats (chat_id, workspace_id, owner_id, last_seq, created_at, updated_at)"
                  + " VALUES (?, ?, ?, 0, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)",
              chat,
              workspace,
              user);
        }
        add(sql, chat, i);
      }
    }
  }

  private void add(Connection sql, UUID chat, int i) throws SQLException {
    UUID id = Ids.next();
    Object at = BEGIN.plusMillis(i).atOffset(ZoneOffset.UTC);
    String text = words() + (i == 100 || i == MESSAGES / 2 ? " needle" : "");
    update(
        sql,
        "INSERT INTO messages (message_id, chat_id, run_id, seq, turn_seq, role, content, status,"
            + " created_at) VALUES (?, ?, ?, ?, 1, 'user', ?, 'completed', ?)",
        id,
        chat,
        id,
        i,
        text,
        at);
    update(
        sql,
        "INSERT INTO message_marks (owner_id, chat_id, message_id, created_at, marks)"
            + " VALUES (?, ?, ?, ?, ?)",
        user,
        chat,
        id,
        at,
        Marks.of(text));
  }

  /** Fifty words, few of them in many messages, many in few. */
  private String words() {
    StringBuilder text = new StringBuilder("w0 ");
    for (int i = 0; i < 50; i++) {
      text.append('w').append((int) Math.pow(20_000, random.nextDouble())).append(' ');
    }
    return text.toString().strip();
  }

  private static void update(Connection sql, String statement, Object... values)
      throws SQLException {
    try (PreparedStatement prepared = sql.prepareStatement(statement)) {
      for (int i = 0; i < values.length; i++) {
        prepared.setObject(i + 1, values[i]);
      }
      prepared.execute();
    }
  }
}
