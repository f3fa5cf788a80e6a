package io.coterie.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.h2.mvstore.MVStoreException;
import org.jdbi.v3.core.JdbiException;

/**
 * The server's one database: an embedded H2 file (in memory in tests), its connections and its
 * schema.
 *
 * <p>A transaction that has returned survives the death of the process; with {@code sync} it
 * survives a power loss as well. Where the disk is full, what was stored stays readable, and
 * storing goes on by itself when there is room again. Thread-safe.
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

  private static final String UNIQUE_VIOLATION = "23505";
  // The standard's code for both ends of a reference; H2 has another for the end that is missing.
  private static final Set<String> MISSING_REFERENCE = Set.of("23503", "23506");

  /** How often something is read again whose database was opened anew meanwhile. */
  private static final int READ_AGAIN = 3;

  private static final long LOOK_MILLIS = 200;

  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(1);

  private final StoreKeeper keeper;
  private volatile Runnable onWritten = () -> {};

  private Database(
      String url, boolean sync, FreeSpace space, StorageAlarm alarm, BeforeUpgrade beforeUpgrade) {
    this.keeper = new StoreKeeper(url, sync, space, alarm, beforeUpgrade, () -> onWritten.run());
  }

  /**
   * Begins to open the database and to bring its schema up to date, which takes as long as putting
   * the rest of the server together: {@link #awaitOpen} tells when it can be used.
   *
   * @param sync whether a transaction waits for the disk
   * @throws UnusableException where it can be seen at once that it cannot be used
   */
  public static Database open(String url, boolean sync) {
    return open(url, sync, 0, new StorageAlarm(), (version, copy) -> {});
  }

  /**
   * As {@link #open(String, boolean)}.
   *
   * @param minFreeSpace what must stay free on the disk of its file, in bytes; with less nothing is
   *     stored
   * @param alarm is told where nothing can be stored
   * @param beforeUpgrade to be done before an upgrade
   */
  public static Database open(
      String url,
      boolean sync,
      long minFreeSpace,
      StorageAlarm alarm,
      BeforeUpgrade beforeUpgrade) {
    FreeSpace space =
        fileOf(url).map(file -> FreeSpace.beside(file, minFreeSpace)).orElse(FreeSpace.ENDLESS);
    return new Database(url, sync, space, alarm, beforeUpgrade);
  }

  /**
   * Waits until the database can be used, and meanwhile makes the first DAO.
   *
   * @param dao any
   * @throws UnusableException where it never can
   */
  public void awaitOpen(Class<?> dao) {
    keeper.awaitOpen(dao);
  }

  /**
   * A DAO whose every call takes a connection of its own; for reading. A call waits while the file
   * is opened anew.
   */
  public <D> D reader(Class<D> dao) {
    Object proxy =
        Proxy.newProxyInstance(
            dao.getClassLoader(),
            new Class<?>[] {dao},
            (self, method, args) -> whereItIsOpen(open -> open.sessions().call(dao, method, args)));
    return dao.cast(proxy);
  }

  private interface Reading<T, E extends Throwable> {
    T from(OpenDatabase open) throws E;
  }

  private <T, E extends Throwable> T whereItIsOpen(Reading<T, E> reading) throws E {
    for (int attempt = 1; ; attempt++) {
      OpenDatabase open = keeper.current();
      try {
        return reading.from(open);
      } catch (RuntimeException e) {
        if (attempt > READ_AGAIN || keeper.isHeld() || !keeper.isLost(open)) {
          throw e;
        }
        keeper.replace(open);
      }
    }
  }

  /**
   * Runs {@code work} in one transaction, which is in the file, and with {@code sync} on the disk,
   * when this returns.
   *
   * @throws DuplicateKeyException where a unique key was taken
   * @throws MissingReferenceException where a row that is referred to is gone
   * @throws CannotStoreException where the disk is full or cannot be written; nothing is stored
   */
  public <T> T inTransaction(Function<Tx, T> work) {
    if (keeper.isHeld()) {
      // Part of the transaction that this thread is in.
      return keeper.current().sessions().with(session -> work.apply(session));
    }
    OpenDatabase open = keeper.toWrite();
    OpenDatabase.Committed<T> committed;
    try {
      committed = open.commit(work);
    } catch (StatementFailure | JdbiException | MVStoreException | IllegalStateException e) {
      throw explained(e, open);
    }
    try {
      open.awaitWritten();
    } catch (RuntimeException e) {
      if (!keeper.isLost(open)) {
        throw e;
      }
      keeper.replace(open);
      if (!open.isStored(committed)) {
        throw new CannotStoreException(e);
      }
    }
    return committed.result();
  }

  private RuntimeException explained(RuntimeException e, OpenDatabase open) {
    if (keeper.isLost(open)) {
      keeper.replace(open);
      return new CannotStoreException(e);
    }
    String state = e instanceof StatementFailure failure ? failure.state() : "";
    if (state.equals(UNIQUE_VIOLATION)) {
      return new DuplicateKeyException(e);
    }
    return MISSING_REFERENCE.contains(state) ? new MissingReferenceException(e) : e;
  }

  /** Whether something can be stored at this moment. */
  public boolean canStore() {
    try {
      keeper.toWrite();
      return true;
    } catch (CannotStoreException e) {
      return false;
    }
  }

  /**
   * Waits until something can be stored.
   *
   * @param givenUp ends the waiting, within a moment
   * @return whether something can be stored
   */
  public boolean awaitStorable(BooleanSupplier givenUp) {
    while (!canStore()) {
      if (givenUp.getAsBoolean() || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
    }
    return true;
  }

  /**
   * Reads while no transaction is under way: whatever is not seen is stored later. Transactions
   * wait meanwhile, so it is for a few rows.
   */
  public <T> T betweenTransactions(Supplier<T> reading) {
    return whereItIsOpen(open -> open.betweenTransactions(reading));
  }

  /**
   * Writes the database file as it is now: every transaction that has returned is in the copy, none
   * is in it by half. Transactions go on meanwhile. One at a time.
   *
   * @throws UnsupportedOperationException where the database is not kept in a file
   */
  public void copyTo(OutputStream out) throws IOException {
    OpenDatabase open = keeper.current();
    try {
      open.copyTo(out);
    } catch (RuntimeException e) {
      if (keeper.isLost(open)) {
        keeper.replace(open);
        throw new IOException("The database was opened anew meanwhile", e);
      }
      throw e;
    }
  }

  /** How many connections are in use. */
  public int usedConnections() {
    return keeper.current().sessions().used();
  }

  /** How many connections there may be at once. */
  public int maxConnections() {
    return OpenDatabase.CONNECTIONS;
  }

  /** The file that {@code url} keeps its database in; empty where that is no plain file. */
  public static Optional<Path> fileOf(String url) {
    return H2Address.file(url);
  }

  /** Closes the database file, if it was opened; what is still running after a second fails. */
  @Override
  public void close() {
    close(CLOSE_PATIENCE);
  }

  /** As {@link #close()}, with another patience. */
  public void close(Duration patience) {
    keeper.close(patience);
  }

  /** Calls that whenever the file was written, so that it is {@link #tidy}; it must be quick. */
  public void whenWritten(Runnable action) {
    onWritten = action;
  }

  /**
   * Keeps the file small: to be called about ten times a second while it answers that there is more
   * to do, after {@linkplain #whenWritten each write}, and by whoever changes much, from any
   * thread. Transactions wait meanwhile, for some milliseconds. Does nothing beside a transaction
   * that takes long.
   */
  public boolean tidy() {
    OpenDatabase open = keeper.current();
    if (open.isReadOnly() || keeper.isCramped()) {
      return false;
    }
    try {
      return open.tidy();
    } catch (RuntimeException e) {
      if (!keeper.isLost(open)) {
        throw e;
      }
      keeper.replace(open);
      return false;
    }
  }

  /** Whether somebody sees to it that no transaction is under way. */
  boolean isAlone() {
    return keeper.current().isAlone();
  }
}
