package io.coterie.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jdbi.v3.core.statement.StatementExceptions.MessageRendering;
import org.jdbi.v3.sqlobject.SqlObjectPlugin;

/**
 * The database from one opening of its file to the closing of it. Where H2 gives the file up, this
 * is lost, with all that was committed and not yet written, and another opening takes its place.
 * Thread-safe.
 */
final class OpenDatabase {

  /**
   * A transaction that is committed.
   *
   * @param written the number of the write of the file after which it is stored
   */
  record Committed<T>(T result, long written) {}

  /** What the database's DAOs are called on. */
  record Connections(Jdbi jdbi, ThreadLocal<SessionPool.Session> held) {

    static Connections of(org.jdbi.v3.core.ConnectionFactory source) {
      Jdbi jdbi = Jdbi.create(source).installPlugin(new SqlObjectPlugin());
      // An exception may be logged, and what people wrote does not belong in a log.
      jdbi.getConfig(StatementExceptions.class).setMessageRendering(MessageRendering.NONE);
      return new Connections(jdbi, new ThreadLocal<>());
    }
  }

  static final int CONNECTIONS = 10;

  private static final long TIDY_PATIENCE_MILLIS = 50;
  private static final long CLOSE_PATIENCE_MILLIS = 1_000;

  private final FutureTask<Schema.Opened> opening;
  private final boolean sync;
  private final boolean readOnly;
  private final SessionPool sessions;
  private final GroupSync checkpoints = new GroupSync(this::checkpoint);

  private volatile boolean untidy;
  private volatile boolean closed;
  private volatile long synced;
  private volatile long found;

  /** Cleared by a sync that fails: what the system has then may never reach the disk. */
  private volatile boolean syncable = true;

  /** Shared by transactions; whoever has it alone knows that there are none. */
  private final ReentrantReadWriteLock transactions = new ReentrantReadWriteLock();

  OpenDatabase(
      FutureTask<Schema.Opened> opening, Connections connections, boolean sync, boolean readOnly) {
    this.opening = opening;
    this.sync = sync;
    this.readOnly = readOnly;
    this.sessions =
        new SessionPool(() -> connect(connections.jdbi()), CONNECTIONS, connections.held());
  }

  /** Of a database that is lost, H2 would open the file anew, by itself and as it likes. */
  private Handle connect(Jdbi jdbi) {
    Handle handle = isLost() ? null : jdbi.open();
    if (handle != null && (!opening.isDone() || file().isReachedBy(handle.getConnection()))) {
      return handle;
    }
    if (handle != null) {
      StoreFile.abandon(handle.getConnection());
    }
    throw new IllegalStateException("The database was closed");
  }

  SessionPool sessions() {
    return sessions;
  }

  /** Whether the file is only read. */
  boolean isReadOnly() {
    return readOnly;
  }

  /**
   * Waits until the database can be used, and meanwhile makes the first DAO: Jdbi takes a while
   * over that, and needs no more than a connection.
   *
   * @throws Database.UnusableException where it never can
   */
  void awaitOpen(Class<?> dao) {
    try {
      try {
        sessions.with(session -> session.use(dao));
      } finally {
        // Where both fail, this one tells why.
        opening.get().connection().close();
      }
    } catch (JdbiException | StatementFailure | ExecutionException | SQLException e) {
      throw new Database.UnusableException(SqlErrors.reason(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while the database was opened", e);
    }
  }

  /** Runs {@code work} in one transaction and commits it; {@link #awaitWritten} stores it. */
  <T> Committed<T> commit(Function<Tx, T> work) {
    transactions.readLock().lock();
    try {
      T result = sessions.with(session -> session.handle().inTransaction(h -> work.apply(session)));
      return new Committed<>(result, file().unwritten());
    } finally {
      transactions.readLock().unlock();
    }
  }

  /** Returns once all that is committed is in the file, or on the disk where that is wanted. */
  void awaitWritten() {
    checkpoints.await();
  }

  /** Whether H2 has given the file up. */
  boolean isLost() {
    return opening.isDone() && !closed && file().isLost();
  }

  /** Why, in a few words; null where nobody knows. */
  String lossReason() {
    return file().lossReason();
  }

  /**
   * Whether a transaction was stored before this was lost.
   *
   * @see #replacedBy
   */
  boolean isStored(Committed<?> transaction) {
    return transaction.written() <= Math.max(synced, found);
  }

  /** Tells which opening came after, which knows what is in the file. */
  void replacedBy(OpenDatabase next) {
    if (sync) {
      if (!syncable) {
        return;
      }
      next.file().sync();
    }
    found = next.file().written();
  }

  /** Throws where the file cannot be written; while nobody uses this. */
  void tryToWrite() {
    file().tryToWrite();
  }

  /** Writes the database file as it is now. */
  void copyTo(OutputStream out) throws IOException {
    StoreFile.Snapshot snapshot;
    transactions.writeLock().lock();
    try {
      snapshot = file().snapshot();
    } finally {
      transactions.writeLock().unlock();
    }
    try (snapshot) {
      snapshot.copyTo(out);
    }
  }

  /** As {@link Database#tidy}. */
  void tidy() {
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

  /** Closes the file in order, if it was opened; what is still running after a second fails. */
  void close() {
    closed = true;
    alone(CLOSE_PATIENCE_MILLIS, () -> {});
    try {
      file();
      sessions.with(session -> session.handle().execute("SHUTDOWN"));
    } catch (StatementFailure | JdbiException | IllegalStateException e) {
      // H2 obeys, and then answers that the database is closed; or it was never open.
    }
    sessions.close();
  }

  /** Closes the file as it is; what is running fails. */
  void abandon() {
    // First, so that nobody makes H2 open it again.
    sessions.close();
    file().abandon();
  }

  /**
   * H2 writes one table after the other. A row that is changed meanwhile could be written without
   * the note that undoes the change, and who meets it after a crash waits for ever for the
   * transaction that made it. So none goes on meanwhile.
   */
  private void checkpoint() {
    StoreFile file = file();
    long write;
    transactions.writeLock().lock();
    try {
      file.write();
      write = file.written();
      untidy = true;
    } finally {
      transactions.writeLock().unlock();
    }
    if (sync) {
      sync(file, write);
    }
  }

  private void sync(StoreFile file, long write) {
    boolean done = false;
    try {
      file.sync();
      synced = write;
      done = true;
    } finally {
      if (!done) {
        // The system says so but once.
        syncable = false;
        file.abandon();
      }
    }
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
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return opening.get().file();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw new IllegalStateException("The database is not open", e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
