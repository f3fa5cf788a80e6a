package io.coterie.chat;

import io.coterie.storage.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Saves the text and the cost of replies in progress, so that a crash loses half a second of them
 * at most: all that changed, in a few transactions, at most every half second. Thread-safe.
 */
final class PartialTexts {

  private static final Logger log = LoggerFactory.getLogger(PartialTexts.class);
  private static final long INTERVAL_MILLIS = 500;

  private record Saving(LiveRun run, LiveRun.Piece piece, String costs) {}

  /** How much text one transaction takes, and of one run more, in UTF-16 units. */
  private static final long SAVED_AT_ONCE = 200_000;

  private final Database database;
  private final ChatLog chatLog;
  private final ScheduledExecutorService timer;
  private final Set<LiveRun> changed = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean scheduled = new AtomicBoolean();

  PartialTexts(Database database, ChatLog chatLog, ScheduledExecutorService timer) {
    this.database = database;
    this.chatLog = chatLog;
    this.timer = timer;
  }

  /** The run has more text, or has used more, than was saved. */
  void changed(LiveRun run) {
    changed.add(run);
    if (scheduled.compareAndSet(false, true)) {
      try {
        var unused = timer.schedule(this::save, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        log.debug("stopping: partial texts are not saved any more");
      }
    }
  }

  /** The run has ended, its text is stored. */
  void forget(LiveRun run) {
    changed.remove(run);
  }

  private void save() {
    scheduled.set(false);
    List<LiveRun> runs = List.copyOf(changed);
    changed.removeAll(runs);
    try {
      // Read before the transaction: nobody waits for a chat while holding rows of the database.
      List<Saving> savings = new ArrayList<>();
      for (LiveRun run : runs) {
        LiveRun.Piece piece = chatLog.locked(run.chatId, run::unsaved);
        savings.add(new Saving(run, piece, PartialCost.write(run.costs())));
      }
      List<Saving> some = new ArrayList<>();
      long length = 0;
      for (Saving saving : savings) {
        some.add(saving);
        length += saving.piece.text().length();
        if (length > SAVED_AT_ONCE) {
          store(some);
          some.clear();
          length = 0;
        }
      }
      store(some);
    } catch (RuntimeException e) {
      log.warn("partial texts could not be saved", e);
    }
  }

  private void store(List<Saving> savings) {
    if (!savings.isEmpty()) {
      database.inTransaction(
          tx -> {
            savings.forEach(saving -> write(tx.use(RunDao.class), saving));
            return savings;
          });
      savings.forEach(saving -> saving.run.saved(saving.piece));
    }
  }

  private static void write(RunDao dao, Saving saving) {
    UUID runId = saving.run.runId();
    int startAt = saving.piece.startAt();
    String text = saving.piece.text();
    boolean goesOn = dao.saveCosts(runId, saving.costs) > 0;
    if (goesOn && !text.isEmpty() && dao.rewriteText(runId, startAt, text) == 0) {
      dao.addText(runId, startAt, text);
    }
  }
}
