package io.coterie.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.h2.jdbcx.JdbcDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the database open. Once a write has failed, H2 has given its file up: it is opened anew, at
 * first to be read only, so that everything that was stored stays readable, and again to be written
 * as soon as that is possible. Thread-safe.
 */
final class StoreKeeper {

  private static final Logger log = LoggerFactory.getLogger(StoreKeeper.class);

  /** How long it takes at first, and at most, until writing is tried again, in milliseconds. */
  private static final long FIRST_PAUSE = 250;

  private static final long LONGEST_PAUSE = 4_000;

  private final String url;
  private final boolean sync;
  private final Optional<Path> file;
  private final FreeSpace space;
  private final StorageAlarm alarm;
  private final OpenDatabase.Connections connections;
  private final Runnable onWritten;
  private final boolean isNew;

  private volatile JdbcDataSource source;
  private volatile OpenDatabase current;
  private volatile boolean closed;
  private volatile String reason = "";
  private Thread returning;
  private int openings;
  private long notBefore = System.nanoTime();

  /**
   * Begins to open the database.
   *
   * @param space what must be left on its disk
   * @param onWritten called whenever the file was written
   */
  StoreKeeper(
      String url,
      boolean sync,
      FreeSpace space,
      StorageAlarm alarm,
      Database.BeforeUpgrade beforeUpgrade,
      Runnable onWritten) {
    this.onWritten = onWritten;
    this.url = url;
    this.sync = sync;
    this.file = H2Address.file(url);
    this.space = space;
    this.alarm = alarm;
    this.connections = OpenDatabase.Connections.of(() -> source.getConnection());
    H2Version.check();
    refuseFull();
    isNew = file.isPresent() && !Files.exists(file.get());
    boolean mended = mend();
    JdbcDataSource first = H2Address.source(url, sync, false, 0);
    source = first;
    FutureTask<Schema.Opened> opening =
        new FutureTask<>(() -> openFirst(first, beforeUpgrade, mended));
    current = new OpenDatabase(opening, connections, sync, false, onWritten);
    Thread thread = new Thread(opening, "database");
    thread.setDaemon(true);
    thread.start();
  }

  private boolean mend() {
    return file.isPresent() && CrashRecovery.run(file.get(), H2Address.scheme(sync));
  }

  private static Schema.Opened openFirst(
      JdbcDataSource source, Database.BeforeUpgrade beforeUpgrade, boolean mended)
      throws SQLException {
    Schema.Opened opened = Schema.open(source, beforeUpgrade);
    if (mended) {
      log.warn("The mended database was looked through: {}", Soundness.report(opened.connection()));
    }
    return opened;
  }

  private void refuseFull() {
    if (!space.isEnough()) {
      throw new Database.UnusableException(noRoom(), null);
    }
  }

  /**
   * As {@link OpenDatabase#awaitOpen}; of a database that could not be made, nothing is left.
   *
   * @throws Database.UnusableException where it never can be used
   */
  void awaitOpen(Class<?> dao) {
    OpenDatabase open = current;
    try {
      open.awaitOpen(dao);
    } catch (Database.UnusableException e) {
      open.close(Duration.ZERO);
      if (isNew) {
        deleteNew();
      }
      throw space.isEnough() ? e : new Database.UnusableException(noRoom(), e);
    }
  }

  private void deleteNew() {
    try {
      Files.deleteIfExists(file.orElseThrow());
    } catch (IOException e) {
      log.warn("A database that was only begun cannot be deleted: {}", file.get());
    }
  }

  private String noRoom() {
    return "%d KB are free on its disk, and at least %d KB must stay so"
        .formatted(space.usable() >> 10, space.least() >> 10);
  }

  /** The database as it is open now. */
  OpenDatabase current() {
    return current;
  }

  boolean isHeld() {
    return connections.held().get() != null;
  }

  /**
   * The database as it is open now, where there is room to store something.
   *
   * @throws CannotStoreException where there is none
   */
  OpenDatabase toWrite() {
    OpenDatabase open = current;
    if (open.isLost()) {
      replace(open);
    }
    if (open.isReadOnly() || open != current) {
      warn(unwritable());
      throw new CannotStoreException();
    }
    if (!space.isEnough()) {
      warn(noRoom());
      throw new CannotStoreException();
    }
    alarm.clear();
    return open;
  }

  private String unwritable() {
    return "the last write of the database's file failed" + (reason.isEmpty() ? "" : ": " + reason);
  }

  private void warn(String why) {
    alarm.raise(
        "The database cannot store: "
            + why
            + ". Reading goes on; what would write is refused until that is possible again");
  }

  /** Whether a failure of that opening came of its loss. */
  boolean isLost(OpenDatabase open) {
    return !closed && (open != current || open.isLost());
  }

  /**
   * Opens the file anew where that opening is lost and nobody did so.
   *
   * @throws CannotStoreException where it cannot even be read
   */
  synchronized void replace(OpenDatabase lost) {
    if (closed || current != lost || System.nanoTime() < notBefore) {
      if (current.isLost()) {
        throw new CannotStoreException();
      }
      return;
    }
    reason = lost.lossReason() == null ? "" : lost.lossReason();
    warn(unwritable());
    lost.abandon();
    try {
      OpenDatabase next = open(true);
      current = next;
      lost.replacedBy(next);
    } catch (SQLException | RuntimeException e) {
      waitBeforeNext();
      throw new CannotStoreException(e);
    } finally {
      startToReturn();
    }
  }

  private OpenDatabase open(boolean readOnly) throws SQLException {
    source = H2Address.source(url, sync, readOnly, ++openings);
    Schema.Opened again = Schema.reopen(source);
    FutureTask<Schema.Opened> opened = new FutureTask<>(() -> again);
    opened.run();
    return new OpenDatabase(opened, connections, sync, readOnly, onWritten);
  }

  private void startToReturn() {
    if (returning == null) {
      returning = new Thread(this::comeBack, "database-return");
      returning.setDaemon(true);
      returning.start();
    }
  }

  private synchronized void comeBack() {
    long pause = FIRST_PAUSE;
    try {
      while (!closed) {
        TimeUnit.MILLISECONDS.timedWait(this, pause);
        if (!closed && space.isEnough() && space.canBeWritten() && openToWrite()) {
          break;
        }
        pause = Math.min(LONGEST_PAUSE, 2 * pause);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      returning = null;
    }
  }

  /** Readers wait meanwhile. */
  private boolean openToWrite() {
    current.abandon();
    try {
      mend();
      OpenDatabase next = open(false);
      boolean written = false;
      try {
        next.tryToWrite();
        written = true;
      } finally {
        if (!written) {
          next.abandon();
        }
      }
      current = next;
      reason = "";
      alarm.clear();
      return true;
    } catch (SQLException | RuntimeException e) {
      openToRead();
      return false;
    }
  }

  private void openToRead() {
    try {
      current = open(true);
    } catch (SQLException | RuntimeException e) {
      // Then the next look finds it lost, and tries again.
      waitBeforeNext();
    }
  }

  private void waitBeforeNext() {
    notBefore = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(FIRST_PAUSE);
  }

  /** Whether there is much less room than must be. */
  boolean isCramped() {
    return space.usable() < space.least() / 2;
  }

  /** Closes the file; what is still running after a while fails. */
  void close(Duration patience) {
    OpenDatabase last;
    synchronized (this) {
      closed = true;
      last = current;
      notifyAll();
    }
    if (last.isReadOnly()) {
      last.abandon();
    } else {
      last.close(patience);
    }
  }
}
