package io.coterie.search;

import io.coterie.http.ApiException;
import io.coterie.search.SearchDao.Chat;
import io.coterie.search.SearchDao.Hit;
import io.coterie.storage.Database;
import io.coterie.storage.Ids;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Full-text search over what a user owns, newest first. The database looks through the words of the
 * messages; a stretch of a chat at a time, those with the newest messages first, until what is left
 * is older than what was found. Thread-safe.
 */
final class MessageSearch {

  record Result(UUID chatId, UUID messageId, String snippet, Instant createdAt) {}

  record Page(List<Result> results, boolean hasMore) {}

  /** A stretch of a chat, up to a number; none of its messages is newer than {@code newest}. */
  private record Stretch(UUID chatId, long upTo, Instant newest) {}

  private static final Comparator<Hit> NEWEST_FIRST =
      Comparator.comparing(Hit::createdAt).thenComparing(Hit::messageId).reversed();

  /** In events, of which a message and its reply make about seven. */
  private static final long STRETCH = 3_000;

  /** Later than all. */
  private static final Instant NO_TIME = Instant.parse("9999-12-31T00:00:00Z");

  /** Searching is work: so many at once leave room for chatting. */
  private static final int AT_ONCE = 2;

  private static final int PATIENCE_SECONDS = 10;

  private final SearchDao dao;
  private final Semaphore places = new Semaphore(AT_ONCE, true);

  MessageSearch(Database database) {
    this.dao = database.reader(SearchDao.class);
  }

  /**
   * The newest messages with all words of the query.
   *
   * @param workspaceId only there; null for everywhere
   * @param before only what comes after this message in the order of results; null for all
   */
  Page find(UUID userId, UUID workspaceId, Query query, UUID before, int limit) {
    Hit cursor =
        before == null
            ? new Hit(null, Ids.ABOVE_ALL, NO_TIME)
            : dao.owned(before, userId)
                .orElseThrow(() -> ApiException.notFound("Message not found"));
    if (query.isEmpty()) {
      return new Page(List.of(), false);
    }
    takePlace();
    try {
      List<Chat> chats = workspaceId == null ? dao.chats(userId) : dao.chatsIn(workspaceId, userId);
      List<Hit> hits = hits(chats, query, cursor, limit + 1);
      List<Result> results = new ArrayList<>();
      for (Hit hit : hits.subList(0, Math.min(limit, hits.size()))) {
        Optional<String> content = dao.content(hit.messageId());
        content.ifPresent(
            text ->
                results.add(
                    new Result(
                        hit.chatId(), hit.messageId(), query.snippet(text), hit.createdAt())));
      }
      return new Page(results, hits.size() > limit);
    } finally {
      places.release();
    }
  }

  private List<Hit> hits(List<Chat> chats, Query query, Hit cursor, int wanted) {
    PriorityQueue<Stretch> stretches =
        new PriorityQueue<>(Comparator.comparing(Stretch::newest).reversed());
    for (Chat chat : chats) {
      stretches.add(new Stretch(chat.chatId(), chat.lastSeq(), chat.updatedAt()));
    }
    List<Hit> hits = new ArrayList<>();
    while (!stretches.isEmpty()) {
      Stretch stretch = stretches.poll();
      boolean enough = hits.size() == wanted;
      if (enough && hits.get(wanted - 1).createdAt().isAfter(stretch.newest())) {
        break;
      }
      long after = Math.max(0, stretch.upTo() - STRETCH);
      hits.addAll(look(stretch, after, query.patterns(), cursor, wanted));
      hits.sort(NEWEST_FIRST);
      if (hits.size() > wanted) {
        hits.subList(wanted, hits.size()).clear();
      }
      if (after > 0) {
        dao.newestUpTo(stretch.chatId(), after)
            .ifPresent(newest -> stretches.add(new Stretch(stretch.chatId(), after, newest)));
      }
    }
    return hits;
  }

  private List<Hit> look(Stretch stretch, long after, List<String> w, Hit cursor, int wanted) {
    return dao.hits(
        stretch.chatId(),
        after,
        stretch.upTo(),
        cursor.createdAt(),
        cursor.messageId(),
        w.get(0),
        w.get(1),
        w.get(2),
        w.get(3),
        w.get(4),
        w.get(5),
        w.get(6),
        w.get(7),
        w.get(8),
        w.get(9),
        wanted);
  }

  private void takePlace() {
    try {
      if (!places.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw ApiException.tooManyRequests(1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.stopping();
    }
  }
}
