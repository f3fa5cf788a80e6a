package io.coterie.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;
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

  /** Opens the database and brings it up to date, while nobody else uses it. */
  static Opened open(JdbcDataSource source, Database.BeforeUpgrade beforeUpgrade)
      throws SQLException {
    Connection connection = source.getConnection();
    try (var answer = connection.createStatement().executeQuery("CALL READONLY()")) {
      if (answer.next() && answer.getBoolean(1)) {
        throw new SQLException("its file cannot be written");
      }
    }
    StoreFile file = StoreFile.of(connection);
    Flyway flyway =
        Flyway.configure().dataSource(source).locations("classpath:db/migration").load();
    prepareUpgrade(flyway.info(), file, beforeUpgrade);
    flyway.migrate();
    return new Opened(connection, file);
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
