package io.coterie.search;

import io.coterie.storage.CannotStoreException;
import io.coterie.storage.Database;
import io.coterie.storage.Ids;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes messages searchable that are older than searching: in the background, the newest chats
 * first, and after a stop where it was. Thread-safe.
 */
public final class WordsBacklog implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(WordsBacklog.class);

  /** Few enough that nobody waits long for a chat. */
  private static final int AT_ONCE = 100;

  private final Database database;
  private final SearchDao reader;
  private final MessageGroups groups;
  private volatile boolean closed;

  public WordsBacklog(Database database, MessageGroups groups) {
    this.groups = groups;
    this.database = database;
    this.reader = database.reader(SearchDao.class);
  }

  /** Begins, if there is anything to do. */
  public void start(Executor threads) {
    if (reader.backlog().isPresent()) {
      threads.execute(this::work);
    }
  }

  /** Ends it soon; the next start goes on. */
  @Override
  public void close() {
    closed = true;
  }

  private void work() {
    try {
      boolean more = true;
      while (!closed && more) {
        more = nextWhenStorable();
      }
    } catch (RuntimeException e) {
      if (!closed) {
        log.error("Older messages are not all searchable yet; the next start goes on", e);
      }
    }
  }

  private boolean nextWhenStorable() {
    try {
      return next();
    } catch (CannotStoreException e) {
      return database.awaitStorable(() -> closed);
    }
  }

  /** One chat after the other. */
  private boolean next() {
    UUID before = reader.backlog().orElse(null);
    if (before == null) {
      return false;
    }
    UUID chatId = reader.chatBefore(before).orElse(null);
    if (chatId == null) {
      end(before);
      return false;
    }
    Optional<Long> last = Optional.of(Long.MAX_VALUE);
    while (!closed && last.isPresent()) {
      long upTo = last.get();
      last = database.inTransaction(tx -> page(tx.use(SearchDao.class), chatId, upTo));
    }
    reader.home(chatId).ifPresent(home -> groups.grow(home.ownerId()));
    return true;
  }

  /** Answers where to go on in the chat; empty at its end. */
  private static Optional<Long> page(SearchDao dao, UUID chatId, long upTo) {
    if (dao.lockChat(chatId).isEmpty()) {
      dao.moveBacklog(chatId);
      return Optional.empty();
    }
    List<SearchDao.Text> texts = dao.before(chatId, upTo, AT_ONCE);
    List<SearchDao.Text> unmarked = texts.stream().filter(text -> !text.marked()).toList();
    if (!unmarked.isEmpty()) {
      dao.insertMarks(unmarked);
    }
    if (texts.size() < AT_ONCE) {
      dao.moveBacklog(chatId);
      return Optional.empty();
    }
    return Optional.of(texts.get(texts.size() - 1).seq());
  }

  private void end(UUID before) {
    database.inTransaction(
        tx -> {
          tx.use(SearchDao.class).endBacklog();
          return before;
        });
    if (!before.equals(Ids.ABOVE_ALL)) {
      log.info("All older messages are searchable");
    }
  }
}
