package io.coterie.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.h2.jdbcx.JdbcDataSource;

/**
 * Brings a database up to this version's schema, by the scripts in {@code db/migration}; one that
 * holds something is copied before, and one of a newer version is refused. Stateless.
 */
final class Schema {

  /**
   * A database that is up to date.
   *
   * @param connection keeps it open: H2 closes one that nobody uses
   */
  record Opened(Connection connection, StoreFile file) {}

  private Schema() {}

  /**
   * Opens the database and brings it up to date, while nobody else uses it; all of that is in its
   * file then, or it is closed again.
   */
  static Opened open(JdbcDataSource source, Database.BeforeUpgrade beforeUpgrade)
      throws SQLException {
    Opened opened = reopen(source);
    boolean done = false;
    try {
      bringUpToDate(source, opened, beforeUpgrade);
      opened.file().write();
      done = true;
      return opened;
    } finally {
      if (!done) {
        opened.file().abandon();
      }
    }
  }

  /** Opens a database that is up to date. */
  static Opened reopen(JdbcDataSource source) throws SQLException {
    Connection connection = source.getConnection();
    return new Opened(connection, StoreFile.of(connection));
  }

  private static void bringUpToDate(
      JdbcDataSource source, Opened opened, Database.BeforeUpgrade beforeUpgrade)
      throws SQLException {
    try (Statement statement = opened.connection().createStatement();
        ResultSet answer = statement.executeQuery("CALL READONLY()")) {
      if (answer.next() && answer.getBoolean(1)) {
        throw new SQLException("its file cannot be written");
      }
    }
    Flyway flyway =
        Flyway.configure().dataSource(source).locations("classpath:db/migration").load();
    prepareUpgrade(flyway.info(), opened.file(), beforeUpgrade);
    flyway.migrate();
  }

  /**
   * Whether a database has all that the migrations have made which it says were run on it. What was
   * cut off has not: scripts add the constraints between tables last.
   */
  static boolean isWhole(Connection connection) throws SQLException {
    String version = version(connection);
    String url = "jdbc:h2:mem:" + UUID.randomUUID();
    try (Connection model = DriverManager.getConnection(url, "sa", "")) {
      Flyway.configure()
          .dataSource(url, "sa", "")
          .locations("classpath:db/migration")
          .target(version)
          .load()
          .migrate();
      return version(model).equals(version) && outline(model).equals(outline(connection));
    } catch (FlywayException e) {
      throw new SQLException(e);
    }
  }

  private static String version(Connection connection) throws SQLException {
    String sql =
        "SELECT \"version\" FROM \"flyway_schema_history\" ORDER BY \"installed_rank\" DESC LIMIT 1";
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      if (!rows.next()) {
        throw new SQLException("it has no version");
      }
      return rows.getString(1);
    }
  }

  private static List<String> outline(Connection connection) throws SQLException {
    String sql =
        """
        SELECT table_name || '.' || column_name || ' ' || data_type AS part
        FROM information_schema.columns WHERE table_schema = 'PUBLIC'
        UNION ALL
        SELECT table_name || ' ' || constraint_type || ' ' || COUNT(*)
        FROM information_schema.table_constraints WHERE table_schema = 'PUBLIC'
        GROUP BY table_name, constraint_type
        ORDER BY part
        """;
    List<String> parts = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        parts.add(rows.getString(1));
      }
    }
    return parts;
  }

  private static void prepareUpgrade(
      MigrationInfoService schema, StoreFile file, Database.BeforeUpgrade beforeUpgrade)
      throws SQLException {
    MigrationInfo current = schema.current();
    if (current == null) {
      return;
    }
    for (MigrationInfo migration : schema.all()) {
      if (migration.getState().isApplied() && !migration.getState().isResolved()) {
        throw new SQLException(
            "it was written by a newer version of Coterie, which has to be used with it");
      }
    }
    MigrationInfo[] pending = schema.pending();
    if (pending.length == 0) {
      return;
    }
    String version = pending[pending.length - 1].getVersion().getVersion();
    try {
      beforeUpgrade.run(version, out -> copy(file, out));
    } catch (IOException e) {
      throw new SQLException(
          "it has to be upgraded, and the backup before that failed: " + e.getMessage(), e);
    }
  }

  private static void copy(StoreFile file, OutputStream out) throws IOException {
    try (StoreFile.Snapshot snapshot = file.snapshot()) {
      snapshot.copyTo(out);
    }
  }
}
