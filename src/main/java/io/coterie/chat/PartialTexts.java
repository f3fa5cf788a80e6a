package io.coterie.chat;

import io.coterie.storage.CannotStoreException;
import io.coterie.storage.Database;
import io.coterie.timing.Rounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Saves the text and the cost of replies in progress, so that a crash loses half a second of them
 * at most: all that changed, in a few transactions, at most every half second. Thread-safe.
 */
final class PartialTexts {

  private static final Logger log = LoggerFactory.getLogger(PartialTexts.class);
  private static final Duration INTERVAL = Duration.ofMillis(500);

  private record Saving(LiveRun run, LiveRun.Piece piece, String costs) {}

  /** How much text one transaction takes, and of one run more, in UTF-16 units. */
  private static final long SAVED_AT_ONCE = 200_000;

  private final Database database;
  private final ChatLog chatLog;
  private final Set<LiveRun> changed = ConcurrentHashMap.newKeySet();
  private final Rounds rounds;

  /**
   * @param timer one that may wait for the database
   */
  PartialTexts(Database database, ChatLog chatLog, ScheduledExecutorService timer) {
    this.database = database;
    this.chatLog = chatLog;
    this.rounds = new Rounds(timer, INTERVAL, this::save);
  }

  /** The run has more text, or has used more, than was saved. */
  void changed(LiveRun run) {
    changed.add(run);
    rounds.begin();
  }

  /** The run has ended, its text is stored. */
  void forget(LiveRun run) {
    changed.remove(run);
  }

  private boolean save() {
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
    } catch (CannotStoreException e) {
      // They are still there, and saved once they can be.
      runs.stream().filter(run -> run.endedAs() == null).forEach(changed::add);
    } catch (RuntimeException e) {
      log.warn("partial texts could not be saved", e);
    }
    return !changed.isEmpty();
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
