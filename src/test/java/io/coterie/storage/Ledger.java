package io.coterie.storage;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
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
        "CREATE TABLE IF NOT EXISTS ledger (writer INTEGER, number BIGINT, text VARCHAR(10000), PRIMARY KEY (writer, number))")
    void create();

    @SqlUpdate("INSERT INTO ledger VALUES (:writer, :number, :text)")
    void insert(int writer, long number, String text);

    @SqlUpdate("DELETE FROM ledger WHERE writer = :writer AND number = :number")
    void delete(int writer, long number);
  }

  /** How many rows of a writer are kept. */
  private static final int KEPT = 40;

  private final Database database;
  private final AtomicLongArray told;

  Ledger(Database database, int writers) {
    this.database = database;
    this.told = new AtomicLongArray(writers);
    database.inTransaction(
        tx -> {
          tx.use(Dao.class).create();
          return true;
        });
  }

  /** Adds the next row of that writer; the number of it, which is in the file. */
  long add(int writer) {
    long number = told.get(writer) + 1;
    database.inTransaction(
        tx -> {
          Dao dao = tx.use(Dao.class);
          dao.insert(writer, number, text(writer, number));
          dao.delete(writer, number - KEPT);
          return true;
        });
    told.set(writer, number);
    return number;
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
   * What is wrong with a database file, given what the writers had been told; empty where every row
   * is there and whole.
   */
  static List<String> mistakes(String url, List<Long> told) {
    List<String> mistakes = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(url + ";IFEXISTS=TRUE", "sa", "");
        Statement sql = connection.createStatement()) {
      for (int writer = 0; writer < told.size(); writer++) {
        long last = last(sql, writer, mistakes);
        if (last < told.get(writer)) {
          mistakes.add("writer %d: %d of %d".formatted(writer, last, told.get(writer)));
        }
      }
    } catch (SQLException e) {
      mistakes.add("cannot be used: " + e.getMessage());
    }
    return mistakes;
  }

  private static long last(Statement sql, int writer, List<String> mistakes) throws SQLException {
    String query = "SELECT number, text FROM ledger WHERE writer = %d ORDER BY number";
    long last = 0;
    int rows = 0;
    try (ResultSet row = sql.executeQuery(query.formatted(writer))) {
      for (; row.next(); rows++) {
        long number = row.getLong(1);
        if (rows > 0 && number != last + 1 || !row.getString(2).equals(text(writer, number))) {
          mistakes.add("writer %d: row %d after %d".formatted(writer, number, last));
        }
        last = number;
      }
    }
    if (rows != Math.min(KEPT, last)) {
      mistakes.add("writer %d: %d rows up to %d".formatted(writer, rows, last));
    }
    return last;
  }

  /** Short ones mostly; some are longer than a block of the disk. */
  private static String text(int writer, long number) {
    return (writer + "/" + number + " ")
        .repeat(number % 20 == 0 ? 900 : 1 + (int) (number * 37 % 97));
  }
}
