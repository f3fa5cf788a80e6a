package io.coterie.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.h2.jdbcx.JdbcDataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jdbi.v3.core.statement.StatementExceptions.MessageRendering;
import org.jdbi.v3.sqlobject.SqlObjectPlugin;

/**
 * The server's one database: an embedded H2 file (in memory in tests), its connections and its
 * schema.
 *
 * <p>A transaction that has returned survives the death of the process; with {@code sync} it
 * survives a power loss as well. Thread-safe.
 */
public final class Database implements AutoCloseable {

  /** The database cannot be used; the message says why, in a few words for the operator. */
  public static final class UnusableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnusableException(String reason, Throwable cause) {
      super(reason, cause);
    }
  }

  /** What is done before a database that holds something is brought up to date. */
  public interface BeforeUpgrade {
    /**
     * Called while nobody uses the database; what it throws keeps the database as it is.
     *
     * @param version the one that the schema is about to have
     * @param copy the database file
     */
    void run(String version, Backups.Content copy) throws IOException;
  }

  private static final int CONNECTIONS = 10;
  private static final String UNIQUE_VIOLATION = "23505";
  // The standard's code for both ends of a reference; H2 has another for the end that is missing.
  private static final Set<String> MISSING_REFERENCE = Set.of("23503", "23506");
  private static final long TIDY_PATIENCE_MILLIS = 50;
  private static final long CLOSE_PATIENCE_MILLIS = 1_000;
  private final FutureTask<Schema.Opened> opening;
  private final boolean sync;
  private final SessionPool sessions;
  private final GroupSync checkpoints;

  private volatile boolean untidy;
  private volatile boolean closed;

  /** Shared by transactions; whoever has it alone knows that there are none. */
  private final ReentrantReadWriteLock transactions = new ReentrantReadWriteLock();

  private Database(FutureTask<Schema.Opened> opening, Jdbi jdbi, boolean sync) {
    this.opening = opening;
    this.sync = sync;
    this.sessions = new SessionPool(jdbi, CONNECTIONS);
    this.checkpoints = new GroupSync(this::checkpoint);
  }

  /**
   * Begins to open the database and to bring its schema up to date, which takes as long as putting
   * the rest of the server together: {@link #awaitOpen} tells when it can be used.
   *
   * @param sync whether a transaction waits for the disk
   */
  public static Database open(String url, boolean sync) {
    return open(url, sync, (version, copy) -> {});
  }

  /** As {@link #open(String, boolean)}, with something to be done before an upgrade. */
  public static Database open(String url, boolean sync, BeforeUpgrade beforeUpgrade) {
    JdbcDataSource source = H2Address.source(url, sync);
    H2Address.file(url).ifPresent(file -> CrashRecovery.run(file, H2Address.scheme(sync)));
    FutureTask<Schema.Opened> opening = new FutureTask<>(() -> Schema.open(source, beforeUpgrade));
    Thread thread = new Thread(opening, "database");
    thread.setDaemon(true);
    thread.start();
    Jdbi jdbi = Jdbi.create(source).installPlugin(new SqlObjectPlugin());
    // An exception may be logged, and what people wrote does not belong in a log.
    jdbi.getConfig(StatementExceptions.class).setMessageRendering(MessageRendering.NONE);
    return new Database(opening, jdbi, sync);
  }

  /**
   * Waits until the database can be used, and meanwhile makes the first DAO: Jdbi takes a while
   * over that, and needs no more than a connection.
   *
   * @param dao any
   * @throws UnusableException where it never can
   */
  public void awaitOpen(Class<?> dao) {
    try {
      try {
        sessions.with(session -> session.use(dao));
      } finally {
        // Where both fail, this one tells why.
        opening.get().connection().close();
      }
    } catch (JdbiException | StatementFailure | ExecutionException | SQLException e) {
      throw new UnusableException(SqlErrors.reason(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while the database was opened", e);
    }
  }

  /** A DAO whose every call takes a connection of its own; for reading. */
  public <D> D reader(Class<D> dao) {
    return sessions.reader(dao);
  }

  /**
   * Runs {@code work} in one transaction, which is in the file, and with {@code sync} on the disk,
   * when this returns. Everybody waits for it who has changed something meanwhile: it should take
   * milliseconds, and change a few hundred rows or a few million characters at most.
   *
   * @throws DuplicateKeyException where a unique key was taken
   * @throws MissingReferenceException where a row that is referred to is gone
   */
  public <T> T inTransaction(Function<Tx, T> work) {
    T result;
    transactions.readLock().lock();
    try {
      result = sessions.with(session -> session.handle().inTransaction(h -> work.apply(session)));
    } catch (StatementFailure e) {
      String state = e.state();
      if (state.equals(UNIQUE_VIOLATION)) {
        throw new DuplicateKeyException(e);
      }
      throw MISSING_REFERENCE.contains(state) ? new MissingReferenceException(e) : e;
    } finally {
      transactions.readLock().unlock();
    }
    if (transactions.getReadHoldCount() == 0) {
      checkpoints.await();
    }
    return result;
  }

  /**
   * Reads while no transaction is under way: whatever is not seen is stored later. Transactions
   * wait meanwhile, so it is for a few rows.
   */
  public <T> T betweenTransactions(Supplier<T> reading) {
    // The connection first: nobody is to wait for one of those while everybody waits here.
    return sessions.with(
        session -> {
          transactions.writeLock().lock();
          try {
            return reading.get();
          } finally {
            transactions.writeLock().unlock();
          }
        });
  }

  /**
   * Writes the database file as it is now: every transaction that has returned is in the copy, none
   * is in it by half. Transactions go on meanwhile. One at a time.
   *
   * @throws UnsupportedOperationException where the database is not kept in a file
   */
  public void copyTo(OutputStream out) throws IOException {
    StoreFile file = file();
    StoreFile.Snapshot snapshot;
    transactions.writeLock().lock();
    try {
      snapshot = file.snapshot();
    } finally {
      transactions.writeLock().unlock();
    }
    try (snapshot) {
      snapshot.copyTo(out);
    }
  }

  /** How many connections are in use. */
  public int usedConnections() {
    return sessions.used();
  }

  /** How many connections there may be at once. */
  public int maxConnections() {
    return CONNECTIONS;
  }

  /** The file that {@code url} keeps its database in; empty where that is no plain file. */
  public static Optional<Path> fileOf(String url) {
    return H2Address.file(url);
  }

  /** Closes the database file, if it was opened; what is still running after a second fails. */
  @Override
  public void close() {
    closed = true;
    alone(CLOSE_PATIENCE_MILLIS, () -> {});
    try {
      sessions.with(session -> session.handle().execute("SHUTDOWN"));
    } catch (StatementFailure | JdbiException e) {
      // H2 obeys, and then answers that the database is closed; or it was never open.
    }
    sessions.close();
  }

  /**
   * H2 writes one table after the other. A row that is changed meanwhile could be written without
   * the note that undoes the change, and who meets it after a crash waits for ever for the
   * transaction that made it. So none goes on meanwhile; and none may change so much that H2 writes
   * in the middle of it to save memory, see {@link StoreFile}.
   */
  private void checkpoint() {
    StoreFile file = file();
    transactions.writeLock().lock();
    try {
      file.write();
      untidy = true;
    } finally {
      transactions.writeLock().unlock();
    }
    if (sync) {
      file.sync();
    }
  }

  /**
   * Keeps the file small: to be called about ten times a second, and by whoever changes much, from
   * any thread. Transactions wait meanwhile, for some milliseconds. Does nothing where nothing
   * happened, nor beside a transaction that takes long.
   */
  public void tidy() {
    if (untidy && !closed) {
      alone(
          TIDY_PATIENCE_MILLIS,
          () -> {
            if (!closed) {
              untidy = file().tidy();
            }
          });
    }
  }

  /** Whether somebody sees to it that no transaction is under way. */
  boolean isAlone() {
    return transactions.isWriteLocked();
  }

  /** Runs {@code work} while no transaction is under way, where that comes about in time. */
  private void alone(long patienceMillis, Runnable work) {
    try {
      if (transactions.writeLock().tryLock(patienceMillis, TimeUnit.MILLISECONDS)) {
        try {
          work.run();
        } finally {
          transactions.writeLock().unlock();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private StoreFile file() {
    try {
      return opening.get().file();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("The database is not open", e);
    }
  }
}
