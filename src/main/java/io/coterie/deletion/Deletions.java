package io.coterie.deletion;

import io.coterie.storage.Database;
import io.coterie.storage.Tx;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what may hang on any number of rows: the row that the others hang on goes at once, and
 * with it the thing for everybody; the others are removed in the background, in transactions so
 * small that nobody waits long for one. A start goes on where the process before had come to.
 * Thread-safe.
 */
public final class Deletions implements AutoCloseable {

  /** What can be deleted. */
  public enum Kind {
    CHAT,
    WORKSPACE,
    USER;

    String stored() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final Logger log = LoggerFactory.getLogger(Deletions.class);

  private static final int LOOKED_AT = 100;
  private static final int FIRST_ROWS = 100;
  private static final int FEWEST_ROWS = 50;
  private static final int MOST_ROWS = 400;

  /** How long a transaction should take: others wait as long. */
  private static final long TX_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** How often as long as a transaction took others have the database for themselves. */
  private static final int PAUSES = 2;

  /** After how many transactions their space is used again, or the file would grow. */
  private static final int TIDIED_AFTER = 8;

  private static final long FIRST_RETRY_SECONDS = 1;
  private static final long LAST_RETRY_SECONDS = 60;
  private static final long STOP_SECONDS = 5;

  private final Database database;
  private final DeletionDao reader;
  private final Runnable removed;
  private final Set<UUID> notYet = ConcurrentHashMap.newKeySet();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private int rows = FEWEST_ROWS;

  /** One thread while there is something to do, none else; one more look is due at most. */
  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          1,
          1,
          1,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(1),
          Deletions::daemon,
          new ThreadPoolExecutor.DiscardPolicy());

  /**
   * @param removed told whenever nothing is left of what was deleted
   */
  public Deletions(Database database, Runnable removed) {
    this.database = database;
    this.removed = removed;
    this.reader = database.reader(DeletionDao.class);
    thread.allowCoreThreadTimeOut(true);
  }

  /** Goes on with what an earlier process left, if there is anything. */
  public void start() {
    if (!isDone()) {
      wake();
    }
  }

  /**
   * Deletes something.
   *
   * @param removal removes the row that all others hang on, in the transaction that it is given;
   *     false where there is none
   * @param afterwards what has to be done while the other rows are still there
   * @return what {@code removal} answered
   */
  public boolean delete(Kind kind, UUID id, Predicate<Tx> removal, Runnable afterwards) {
    notYet.add(id);
    try {
      boolean removed =
          database.inTransaction(
              tx -> {
                boolean there = removal.test(tx);
                if (there) {
                  tx.use(DeletionDao.class).note(kind.stored(), id);
                }
                return there;
              });
      if (removed) {
        afterwards.run();
        removeFirst(new Deletion(kind, id));
      }
      return removed;
    } finally {
      notYet.remove(id);
      wake();
    }
  }

  /** Of most things this is all, and nothing is left to the background. */
  private void removeFirst(Deletion deletion) {
    try {
      database.inTransaction(tx -> new Removal(tx, new Portion(FIRST_ROWS)).of(deletion));
    } catch (RuntimeException e) {
      log.debug("Nothing of what was deleted could be removed yet", e);
    }
  }

  /** Whether all is removed that was deleted. */
  public boolean isDone() {
    return reader.noted(1).isEmpty();
  }

  /** Ends soon; the next start goes on. */
  @Override
  public void close() {
    stopped.countDown();
    thread.shutdown();
    try {
      if (!thread.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        log.warn("Something is still being removed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void wake() {
    thread.execute(this::work);
  }

  private void work() {
    long retry = FIRST_RETRY_SECONDS;
    boolean failed = false;
    while (!isStopped()) {
      try {
        if (!removeAll()) {
          removed.run();
          return;
        }
        failed = false;
        retry = FIRST_RETRY_SECONDS;
      } catch (RuntimeException e) {
        if (isStopped()) {
          return;
        }
        if (!failed) {
          log.warn("What was deleted could not be removed from the database; it is tried again", e);
        }
        failed = true;
        await(TimeUnit.SECONDS.toNanos(retry));
        retry = Math.min(2 * retry, LAST_RETRY_SECONDS);
      }
    }
  }

  /** Answers whether there was anything to remove; one that fails does not hold up the others. */
  private boolean removeAll() {
    List<Deletion> due =
        reader.noted(LOOKED_AT).stream()
            .map(DeletionDao.Noted::deletion)
            .filter(deletion -> !notYet.contains(deletion.itemId()))
            .toList();
    RuntimeException failure = null;
    for (Deletion deletion : due) {
      try {
        remove(deletion);
      } catch (RuntimeException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
    return !due.isEmpty();
  }

  private void remove(Deletion deletion) {
    boolean done = false;
    for (int count = 1; !done && !isStopped(); count++) {
      long began = System.nanoTime();
      done = database.inTransaction(tx -> timed(tx, deletion));
      if (count % TIDIED_AFTER == 0) {
        // Where the machine has much to do, whoever does that else may be late.
        database.tidy();
      }
      await(PAUSES * (System.nanoTime() - began));
    }
  }

  /** Adapts the next transaction to how long this one takes. */
  private boolean timed(Tx tx, Deletion deletion) {
    long began = System.nanoTime();
    boolean done = new Removal(tx, new Portion(rows)).of(deletion);
    long took = Math.max(1, System.nanoTime() - began);
    double factor = Math.max(0.5, Math.min(2.0, (double) TX_NANOS / took));
    rows = (int) Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, rows * factor));
    return done;
  }

  private boolean isStopped() {
    return stopped.getCount() == 0;
  }

  private void await(long nanos) {
    try {
      var unused = stopped.await(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      // Only a stop of the whole process does that, and then there is nobody to go on.
      Thread.currentThread().interrupt();
      stopped.countDown();
    }
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "deletions");
    thread.setDaemon(true);
    return thread;
  }
}
