package io.coterie.chat;

import io.coterie.storage.CannotStoreException;
import io.coterie.storage.Database;
import io.coterie.timing.Rounds;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
      Map<UUID, String> texts = new HashMap<>();
      Map<UUID, String> costs = new HashMap<>();
      for (LiveRun run : runs) {
        texts.put(run.runId(), chatLog.locked(run.chatId, run::text));
        costs.put(run.runId(), PartialCost.write(run.costs()));
      }
      Map<UUID, String> some = new HashMap<>();
      long length = 0;
      for (UUID runId : texts.keySet()) {
        some.put(runId, texts.get(runId));
        length += texts.get(runId).length();
        if (length > SAVED_AT_ONCE) {
          store(some, costs);
          some.clear();
          length = 0;
        }
      }
      store(some, costs);
    } catch (CannotStoreException e) {
      // They are still there, and saved once they can be.
      runs.stream().filter(run -> run.endedAs() == null).forEach(changed::add);
    } catch (RuntimeException e) {
      log.warn("partial texts could not be saved", e);
    }
    return !changed.isEmpty();
  }

  private void store(Map<UUID, String> texts, Map<UUID, String> costs) {
    if (!texts.isEmpty()) {
      database.inTransaction(
          tx -> {
            RunDao dao = tx.use(RunDao.class);
            texts.forEach((runId, text) -> dao.savePartial(runId, text, costs.get(runId)));
            return texts;
          });
    }
  }
}
