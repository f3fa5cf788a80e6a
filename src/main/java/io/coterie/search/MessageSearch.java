package io.coterie.search;

import io.coterie.http.ApiException;
import io.coterie.search.SearchDao.Group;
import io.coterie.search.SearchDao.Marked;
import io.coterie.search.SearchDao.Place;
import io.coterie.storage.Database;
import io.coterie.storage.Ids;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Full-text search over what a user owns: goes through it from the newest on until it has enough,
 * looks at messages only where the marks of their group have all the words, and reads only those
 * whose own {@link Marks} have. Thread-safe.
 */
final class MessageSearch {

  record Result(UUID chatId, UUID messageId, String snippet, Instant createdAt) {}

  record Page(List<Result> results, boolean hasMore) {}

  private static final Place NEWEST =
      new Place(Ids.ABOVE_ALL, Instant.parse("9999-12-31T00:00:00Z"));

  private static final Comparator<Place> NEWEST_FIRST =
      Comparator.comparing(Place::createdAt).thenComparing(Place::messageId).reversed();

  /** How many groups are fetched at once; more each time, as long as little is found. */
  private static final int FIRST_PORTION = 4;

  private static final int MAX_PORTION = 64;

  /** How many messages of no group are fetched at once. */
  private static final int UNGROUPED_PORTION = 2 * MessageGroups.SIZE;

  /** Searching is work: so many at once leave room for chatting. */
  private static final int AT_ONCE = 2;

  private static final int PATIENCE_SECONDS = 10;

  private final SearchDao dao;
  private final MessageGroups groups;
  private final Semaphore places = new Semaphore(AT_ONCE, true);

  MessageSearch(Database database, MessageGroups groups) {
    this.dao = database.reader(SearchDao.class);
    this.groups = groups;
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
      List<Result> found = new Search(userId, workspaceId, query, from, limit + 1).run();
      boolean more = found.size() > limit;
      return new Page(more ? found.subList(0, limit) : found, more);
    } finally {
      places.release();
    }
  }

  /** One look through what a user has. For one thread. */
  private final class Search {
    private record Candidate(UUID chatId, Place place) {}

    private final UUID userId;
    private final UUID workspaceId;
    private final Query query;
    private final Place from;
    private final int wanted;
    private final List<Result> found = new ArrayList<>();
    private final Map<UUID, Boolean> chats = new HashMap<>();

    /** What may have the words, of those messages whose marks have been looked at. */
    private final PriorityQueue<Candidate> candidates =
        new PriorityQueue<>(Comparator.comparing(Candidate::place, NEWEST_FIRST));

    Search(UUID userId, UUID workspaceId, Query query, Place from, int wanted) {
      this.userId = userId;
      this.workspaceId = workspaceId;
      this.query = query;
      this.from = from;
      this.wanted = wanted;
    }

    List<Result> run() {
      long grouped = dao.lastGrouped(userId).orElse(0L);
      lookAtUngrouped(grouped);
      Instant newestAt = NEWEST.createdAt();
      long beforeNo = Long.MAX_VALUE;
      List<Group> page;
      int portion = FIRST_PORTION;
      do {
        page = dao.groups(userId, newestAt, beforeNo, from.createdAt(), portion);
        for (Group group : page) {
          newestAt = group.newestAt();
          beforeNo = group.lastNo();
          take(newestAt);
          if (found.size() == wanted) {
            return found;
          }
          // One that was made meanwhile has been looked at.
          if (group.lastNo() <= grouped && query.marks().mayBeIn(group.marks())) {
            dao.between(userId, group.firstNo(), group.lastNo()).forEach(this::lookAt);
          }
        }
        portion = page.size() < portion ? 0 : Math.min(4 * portion, MAX_PORTION);
      } while (portion > 0);
      take(Instant.MIN);
      return found;
    }

    private void lookAtUngrouped(long after) {
      long afterNo = after;
      List<Marked> page;
      int seen = 0;
      do {
        page = dao.storedAfter(userId, afterNo, UNGROUPED_PORTION);
        page.forEach(this::lookAt);
        seen += page.size();
        afterNo = page.isEmpty() ? afterNo : page.get(page.size() - 1).markNo();
      } while (page.size() == UNGROUPED_PORTION);
      if (seen >= MessageGroups.SIZE) {
        groups.grow(userId);
      }
    }

    private void lookAt(Marked message) {
      if (NEWEST_FIRST.compare(message.place(), from) > 0
          && query.marks().mayBeIn(message.marks())) {
        candidates.add(new Candidate(message.chatId(), message.place()));
      }
    }

    /** Takes what has the words of the candidates that are newer than all that is yet to come. */
    private void take(Instant after) {
      while (found.size() < wanted
          && !candidates.isEmpty()
          && candidates.peek().place().createdAt().isAfter(after)) {
        Candidate candidate = candidates.poll();
        if (chats.computeIfAbsent(candidate.chatId(), this::isSearched)) {
          result(candidate).ifPresent(found::add);
        }
      }
    }

    private boolean isSearched(UUID chatId) {
      return dao.home(chatId)
          .filter(home -> home.ownerId().equals(userId))
          .filter(home -> workspaceId == null || home.workspaceId().equals(workspaceId))
          .isPresent();
    }

    /** Empty where the message has not all the words, or has just been deleted. */
    private Optional<Result> result(Candidate candidate) {
      UUID messageId = candidate.place().messageId();
      return dao.content(messageId)
          .filter(query::isIn)
          .map(
              text ->
                  new Result(
                      candidate.chatId(),
                      messageId,
                      query.snippet(text),
                      candidate.place().createdAt()));
    }
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
