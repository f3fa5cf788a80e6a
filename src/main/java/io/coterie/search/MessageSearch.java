package io.coterie.search;

import io.coterie.http.ApiException;
import io.coterie.search.SearchDao.Marked;
import io.coterie.search.SearchDao.Place;
import io.coterie.storage.Database;
import io.coterie.storage.Ids;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Full-text search over what a user owns: goes through it from the newest on until it has enough,
 * and reads only messages whose {@link Marks} have all the words. Thread-safe.
 */
final class MessageSearch {

  record Result(UUID chatId, UUID messageId, String snippet, Instant createdAt) {}

  record Page(List<Result> results, boolean hasMore) {}

  private static final Place NEWEST =
      new Place(Ids.ABOVE_ALL, Instant.parse("9999-12-31T00:00:00Z"));

  /** How many marks are fetched at once; more each time, as long as little is found. */
  private static final int FIRST_PORTION = 100;

  private static final int MAX_PORTION = 1_600;

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
    Place from =
        before == null
            ? NEWEST
            : dao.owned(before, userId, workspaceId)
                .orElseThrow(() -> ApiException.notFound("Message not found"));
    if (query.isEmpty()) {
      return new Page(List.of(), false);
    }
    takePlace();
    try {
      Set<UUID> chats = workspaceId == null ? null : dao.chatsIn(workspaceId, userId);
      List<Result> found = find(userId, chats, query, from, limit + 1);
      boolean more = found.size() > limit;
      return new Page(more ? found.subList(0, limit) : found, more);
    } finally {
      places.release();
    }
  }

  /**
   * @param chats only there; null for everywhere
   */
  private List<Result> find(UUID userId, Set<UUID> chats, Query query, Place from, int wanted) {
    List<Result> found = new ArrayList<>();
    Place place = from;
    for (int portion = FIRST_PORTION; ; portion = Math.min(4 * portion, MAX_PORTION)) {
      List<Marked> messages = dao.after(userId, place, portion);
      for (Marked message : messages) {
        if ((chats == null || chats.contains(message.chatId()))
            && query.marks().mayBeIn(message.marks())) {
          result(query, message).ifPresent(found::add);
          if (found.size() == wanted) {
            return found;
          }
        }
      }
      if (messages.size() < portion) {
        return found;
      }
      place = messages.get(portion - 1).place();
    }
  }

  /** Empty where the message has not all the words, or has just been deleted. */
  private Optional<Result> result(Query query, Marked message) {
    return dao.content(message.messageId())
        .filter(query::isIn)
        .map(
            text ->
                new Result(
                    message.chatId(),
                    message.messageId(),
                    query.snippet(text),
                    message.createdAt()));
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
