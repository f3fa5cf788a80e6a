package io.coterie.storage;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/**
 * Rows that several writers add and delete, each row one transaction and numbered by its writer, so
 * that it shows afterwards which of them are missing. Thread-safe.
 */
final class Ledger {

  /** Visible to Jdbi. */
  interface Dao {
    @SqlUpdate(
        "CREATE TABLE IF NOT EXISTS"
            + " ledger (id BIGINT PRIMARY KEY, writer INTEGER, text VARCHAR(10000))")
    void create();

    @SqlUpdate("CREATE INDEX IF NOT EXISTS ledger_writer ON ledger (writer)")
    void createIndex();

    @SqlUpdate("INSERT INTO ledger VALUES (:id, :writer, :text)")
    void insert(long id, int writer, String text);

    @SqlUpdate("DELETE FROM ledger WHERE id = :id")
    void delete(long id);
  }

  /** How many rows of a writer are kept. */
  private static final int KEPT = 40;

  private final Database database;
  private final AtomicLongArray told;

  Ledger(Database database, int writers) {
    this.database = database;
    this.told = new AtomicLongArray(writers);
    database.awaitOpen(Dao.class);
    database.inTransaction(
        tx -> {
          tx.use(Dao.class).create();
          tx.use(Dao.class).createIndex();
          return true;
        });
  }

  /** Adds the next row of that writer; the number of it, which is in the file. */
  long add(int writer) {
    long number = told.get(writer) + 1;
    database.inTransaction(
        tx -> {
          Dao dao = tx.use(Dao.class);
          dao.insert(id(writer, number), writer, text(writer, number));
          dao.delete(id(writer, number - KEPT));
          return true;
        });
    told.set(writer, number);
    return number;
  }

  /** Lets a writer go on after that row, which an earlier process added. */
  void goOn(int writer, long number) {
    told.set(writer, number);
  }

  /** For each writer, the last row that it was told of. */
  List<Long> told() {
    List<Long> numbers = new ArrayList<>();
    for (int writer = 0; writer < told.length(); writer++) {
      numbers.add(told.get(writer));
    }
    return numbers;
  }

  /**
   * What is wrong with a database file, given what the writers had been told; empty where each of
   * these rows is there and whole.
   */
  static List<String> mistakes(String url, List<Long> told) {
    return mistakes(url, told, new ArrayList<>());
  }

  /** As above; adds to {@code found} the last row of each writer. */
  static List<String> mistakes(String url, List<Long> told, List<Long> found) {
    List<String> mistakes = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(url + ";IFEXISTS=TRUE", "sa", "");
        Statement sql = connection.createStatement()) {
      Map<Long, String> rows = new HashMap<>();
      Map<Long, String> byIndex = new HashMap<>();
      try (ResultSet row = sql.executeQuery("SELECT id, text FROM ledger")) {
        while (row.next()) {
          rows.put(row.getLong(1), row.getString(2));
        }
      }
      for (int writer = 0; writer < told.size(); writer++) {
        long last = 0;
        try (ResultSet row =
            sql.executeQuery("SELECT id, text FROM ledger WHERE writer = " + writer)) {
          while (row.next()) {
            long id = row.getLong(1);
            if (!Objects.equals(row.getString(2), rows.remove(id))) {
              mistakes.add("writer %d: row %d by index".formatted(writer, id));
            }
            byIndex.put(id, row.getString(2));
            last = Math.max(last, id - id(writer, 0));
          }
        }
        // There may be later ones, which nobody was told of yet, and the oldest be gone for them.
        if (last < told.get(writer)) {
          mistakes.add("writer %d: told of %d, has %d".formatted(writer, told.get(writer), last));
        }
        for (long number = Math.max(1, last - KEPT + 1); number <= last; number++) {
          if (!text(writer, number).equals(byIndex.get(id(writer, number)))) {
            mistakes.add("writer %d: row %d of %d".formatted(writer, number, last));
          }
        }
        found.add(last);
      }
      rows.keySet().forEach(id -> mistakes.add("row %d is in no index".formatted(id)));
    } catch (SQLException e) {
      mistakes.add("cannot be used: " + e.getMessage());
    }
    return mistakes;
  }

  private static long id(int writer, long number) {
    return writer * 1_000_000_000L + number;
  }

  /** Short ones mostly; some are longer than a block of the disk. */
  private static String text(int writer, long number) {
    return (writer + "/" + number + " ")
        .repeat(number % 20 == 0 ? 900 : 1 + (int) (number * 37 % 97));
  }
}
