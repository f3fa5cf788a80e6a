package io.coterie.storage;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jdbi.v3.core.statement.StatementExceptions.MessageRendering;
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
  // The standard's code for both ends of a reference; H2 has another for the end that is missing.
  private static final Set<String> MISSING_REFERENCE = Set.of("23503", "23506");
  private static final int H2_ALREADY_OPEN = 90020;

  /**
   * WRITE_DELAY=0 hands every commit to the operating system before the caller goes on: with H2's
   * default of 500 ms a killed process loses what it had confirmed. The cache is in KB.
   */
  private static final Map<String, String> OPTIONS =
      Map.of("WRITE_DELAY", "0", "DB_CLOSE_ON_EXIT", "FALSE", "CACHE_SIZE", "8192");

  private final HikariDataSource dataSource;
  private final Jdbi jdbi;
  private final GroupSync sync;

  private Database(HikariDataSource dataSource, boolean sync) {
    this.dataSource = dataSource;
    this.jdbi = Jdbi.create(dataSource).installPlugin(new SqlObjectPlugin());
    // An exception may be logged, and what people wrote does not belong in a log.
    jdbi.getConfig(StatementExceptions.class).setMessageRendering(MessageRendering.NONE);
    this.sync = sync ? new GroupSync(this::checkpoint) : null;
  }

  /** Another process has the database open. */
  public static final class InUseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InUseException(Throwable cause) {
      super(cause);
    }
  }

  /**
   * Opens the database and brings its schema up to date.
   *
   * @throws InUseException where another process has it open
   */
  public static Database open(String url, boolean sync) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(withOptions(url));
    config.setUsername("sa");
    config.setPassword("");
    config.setMaximumPoolSize(POOL_SIZE);
    config.setMinimumIdle(1);
    config.setPoolName("database");
    config.setAutoCommit(true);
    HikariDataSource dataSource = connect(config);
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
   * @throws MissingReferenceException where a row that is referred to is gone
   */
  public <T> T inTransaction(Function<Tx, T> work) {
    T result;
    try {
      result = jdbi.inTransaction(handle -> work.apply(dao(handle)));
    } catch (JdbiException e) {
      String state = sqlState(e);
      if (state.equals(UNIQUE_VIOLATION)) {
        throw new DuplicateKeyException(e);
      }
      throw MISSING_REFERENCE.contains(state) ? new MissingReferenceException(e) : e;
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

  /** Adds the options that are not chosen in the address already. */
  private static String withOptions(String url) {
    StringBuilder full = new StringBuilder(url);
    OPTIONS.forEach(
        (name, value) -> {
          if (!url.toUpperCase(Locale.ROOT).contains(";" + name + "=")) {
            full.append(';').append(name).append('=').append(value);
          }
        });
    return full.toString();
  }

  private static HikariDataSource connect(HikariConfig config) {
    try {
      return new HikariDataSource(config);
    } catch (RuntimeException e) {
      for (Throwable t = e; t != null; t = t.getCause()) {
        if (t instanceof SQLException sql && sql.getErrorCode() == H2_ALREADY_OPEN) {
          throw new InUseException(e);
        }
      }
      throw e;
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

  private static String sqlState(Throwable e) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof SQLException sql && sql.getSQLState() != null) {
        return sql.getSQLState();
      }
    }
    return "";
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
