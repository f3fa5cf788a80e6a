package io.coterie.storage;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.sqlobject.SqlObjectPlugin;

/**
 * The server's one database: an embedded H2 file (in memory in tests), its connection pool and its
 * schema.
 *
 * <p>A transaction that has returned survives the death of the process; with {@code sync} it
 * survives a power loss as well. Thread-safe.
 */
public final class Database implements AutoCloseable {

  private static final int POOL_SIZE = 10;
  private static final String UNIQUE_VIOLATION = "23505";

  private final HikariDataSource dataSource;
  private final Jdbi jdbi;
  private final GroupSync sync;

  private Database(HikariDataSource dataSource, boolean sync) {
    this.dataSource = dataSource;
    this.jdbi = Jdbi.create(dataSource).installPlugin(new SqlObjectPlugin());
    this.sync = sync ? new GroupSync(this::checkpoint) : null;
  }

  /**
   * The JDBC address of the H2 file in a data folder. WRITE_DELAY=0 hands every commit to the
   * operating system before the caller goes on; with H2's default of 500 ms a killed process loses
   * what it had confirmed.
   */
  public static String fileUrl(Path dataDir) {
    return "jdbc:h2:file:"
        + dataDir.resolve("coterie").toAbsolutePath()
        + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;CACHE_SIZE=8192";
  }

  /** Opens the database and brings its schema up to date. */
  public static Database open(String url, boolean sync) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setUsername("sa");
    config.setPassword("");
    config.setMaximumPoolSize(POOL_SIZE);
    config.setMinimumIdle(1);
    config.setPoolName("database");
    config.setAutoCommit(true);
    HikariDataSource dataSource = new HikariDataSource(config);
    try {
      Flyway.configure()
          .dataSource(dataSource)
          .locations("classpath:db/migration")
          .load()
          .migrate();
      return new Database(dataSource, sync);
    } catch (RuntimeException e) {
      dataSource.close();
      throw e;
    }
  }

  /** A DAO whose every call takes a connection of its own; for reading. */
  public <D> D reader(Class<D> dao) {
    return jdbi.onDemand(dao);
  }

  /**
   * Runs {@code work} in one transaction, which is committed, and with {@code sync} on disk, when
   * this returns.
   *
   * @throws DuplicateKeyException where a unique key was taken
   */
  public <T> T inTransaction(Function<Tx, T> work) {
    T result;
    try {
      result = jdbi.inTransaction(handle -> work.apply(dao(handle)));
    } catch (JdbiException e) {
      throw isDuplicateKey(e) ? new DuplicateKeyException(e) : e;
    }
    if (sync != null) {
      sync.await();
    }
    return result;
  }

  /** Closes the pool and the database file; what is running fails. */
  @Override
  public void close() {
    try (Handle handle = jdbi.open()) {
      handle.execute("SHUTDOWN");
    } catch (RuntimeException e) {
      // H2 answers some connections with 'database is closed' while it obeys: that is what was
      // asked for.
    } finally {
      dataSource.close();
    }
  }

  private void checkpoint() {
    try (var connection = dataSource.getConnection();
        var statement = connection.createStatement()) {
      statement.execute("CHECKPOINT SYNC");
    } catch (SQLException e) {
      throw new IllegalStateException("The database could not be synced", e);
    }
  }

  private static boolean isDuplicateKey(Throwable e) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof SQLException sql) {
        return UNIQUE_VIOLATION.equals(sql.getSQLState());
      }
    }
    return false;
  }

  private static Tx dao(Handle handle) {
    return new Tx() {
      @Override
      public <D> D use(Class<D> dao) {
        return handle.attach(dao);
      }
    };
  }
}
