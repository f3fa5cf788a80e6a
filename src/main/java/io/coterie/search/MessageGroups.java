package io.coterie.search;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.coterie.search.SearchDao.Marked;
import io.coterie.search.SearchDao.Range;
import io.coterie.storage.Database;
import java.time.Instant;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins the messages of an owner, in the order in which they were stored, into groups with one
 * filter each, so that searching passes over many messages at a look. In the background, some
 * messages at a time: storing a message does not wait for it, and one that is in no group yet is
 * found without. Thread-safe.
 */
public final class MessageGroups implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(MessageGroups.class);

  /** How many messages a group has. */
  static final int SIZE = 256;

  /** A group of long messages has fewer: a filter of more words lets too much pass. */
  private static final int MAX_WORDS = 10_000;

  /** Of whom it is known how much they have stored since their last group. */
  private static final int COUNTED_OWNERS = 10_000;

  private static final int PAGE = 50;

  /** Who deletes one chat often deletes several. */
  private static final int DELAY_SECONDS = 5;

  private record Made(int messages, long lastNo, Instant oldest, Instant newest, byte[] marks) {}

  private final Database database;
  private final SearchDao reader;
  private final Executor threads;
  private final Executor later;
  private final Cache<UUID, AtomicInteger> stored =
      Caffeine.newBuilder().maximumSize(COUNTED_OWNERS).build();
  private final Set<UUID> grown = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean noted = new AtomicBoolean();
  private final AtomicBoolean working = new AtomicBoolean();
  private volatile boolean closed;

  /**
   * @param threads where the work is done, one thing at a time
   */
  public MessageGroups(Database database, Executor threads) {
    this.database = database;
    this.reader = database.reader(SearchDao.class);
    this.threads = threads;
    this.later = CompletableFuture.delayedExecutor(DELAY_SECONDS, TimeUnit.SECONDS, threads);
  }

  /** Goes on with what an earlier process left. */
  public void start() {
    begin(threads);
  }

  /** So many messages of that owner have been stored. */
  public void stored(UUID ownerId, int messages) {
    if (stored.get(ownerId, id -> new AtomicInteger()).addAndGet(messages) >= SIZE) {
      grow(ownerId);
    }
  }

  /** The owner may have enough messages for another group. */
  void grow(UUID ownerId) {
    stored.invalidate(ownerId);
    grown.add(ownerId);
    begin(threads);
  }

  /** Something has been deleted: of whom is noted in the database. */
  public void shrunk() {
    if (noted.compareAndSet(false, true)) {
      begin(later);
    }
  }

  /** Ends the work soon; the next start goes on. */
  @Override
  public void close() {
    closed = true;
  }

  private void begin(Executor executor) {
    if (!closed) {
      try {
        executor.execute(this::work);
      } catch (RejectedExecutionException e) {
        log.debug("stopping: messages are grouped after the next start");
      }
    }
  }

  private void work() {
    noted.set(false);
    boolean goOn = true;
    while (goOn && working.compareAndSet(false, true)) {
      try {
        while (!closed && next()) {
          // One owner after the other.
        }
      } catch (RuntimeException e) {
        if (!closed) {
          log.warn("Messages could not be grouped; searching is slower until they are", e);
        }
        return;
      } finally {
        working.set(false);
      }
      goOn = !closed && !grown.isEmpty();
    }
  }

  private boolean next() {
    UUID due = reader.due().orElse(null);
    if (due != null) {
      // First: what is deleted from now on is noted anew.
      database.inTransaction(tx -> tx.use(SearchDao.class).deleteDue(due));
      review(due);
      return true;
    }
    UUID ripe = poll(grown);
    if (ripe != null) {
      group(ripe);
    }
    return ripe != null;
  }

  private static UUID poll(Set<UUID> owners) {
    Iterator<UUID> all = owners.iterator();
    if (!all.hasNext()) {
      return null;
    }
    UUID first = all.next();
    owners.remove(first);
    return first;
  }

  /** Makes groups of what is in none. */
  private void group(UUID ownerId) {
    while (!closed) {
      long after = reader.lastGrouped(ownerId).orElse(0L);
      // What is being stored now may have a number below others, and must not be left out.
      List<Long> numbers =
          database.betweenTransactions(() -> reader.numbersAfter(ownerId, after, SIZE));
      if (numbers.size() < SIZE) {
        return;
      }
      replace(ownerId, numbers.get(0), numbers.get(SIZE - 1), false);
    }
  }

  /** Makes those groups anew whose messages are not all there any more, and further ones. */
  private void review(UUID ownerId) {
    long after = 0;
    List<Range> page;
    do {
      page = reader.ranges(ownerId, after, PAGE);
      for (Range group : page) {
        after = group.lastNo();
        int left = reader.numbersBetween(ownerId, group.firstNo(), group.lastNo()).size();
        if (left < group.messages()) {
          replace(ownerId, group.firstNo(), group.lastNo(), true);
        }
      }
    } while (!closed && page.size() == PAGE);
    group(ownerId);
  }

  /**
   * @param whole whether the group keeps its range, whatever is in it
   */
  private void replace(UUID ownerId, long firstNo, long lastNo, boolean whole) {
    Made made = make(reader.between(ownerId, firstNo, lastNo), whole);
    database.inTransaction(
        tx -> {
          SearchDao dao = tx.use(SearchDao.class);
          boolean there = dao.lockUser(ownerId).isPresent();
          if (whole) {
            dao.deleteGroup(ownerId, lastNo);
          }
          if (there && made.messages > 0) {
            dao.insertGroup(
                ownerId,
                firstNo,
                whole ? lastNo : made.lastNo,
                made.oldest,
                made.newest,
                made.messages,
                made.marks);
          }
          return ownerId;
        });
  }

  private Made make(List<Marked> rows, boolean whole) {
    Set<Long> words = new HashSet<>();
    Instant oldest = Instant.MAX;
    Instant newest = Instant.MIN;
    int messages = 0;
    long lastNo = 0;
    for (Marked row : rows) {
      Set<Long> more = reader.content(row.messageId()).map(Marks::hashes).orElse(Set.of());
      if (!whole && messages > 0 && words.size() + more.size() > MAX_WORDS) {
        break;
      }
      words.addAll(more);
      oldest = row.createdAt().isBefore(oldest) ? row.createdAt() : oldest;
      newest = row.createdAt().isAfter(newest) ? row.createdAt() : newest;
      messages++;
      lastNo = row.markNo();
    }
    return new Made(messages, lastNo, oldest, newest, Marks.filter(words));
  }
}
