package io.coterie.usage;

import io.coterie.agent.AgentRunner.Cost;
import io.coterie.storage.Database;
import io.coterie.storage.DuplicateKeyException;
import io.coterie.storage.Tx;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * What each user's agents have used: runs, tokens and time, by day (UTC), agent and model. It
 * outlives chats and workspaces, and goes with the user. Thread-safe.
 */
public final class UsageLog {

  /** Each is about another agent and model, of which a run has no more. */
  private static final int MOST_COLLISIONS = 100;

  private final Database database;
  private final UsageDao reader;
  private final Clock clock;

  public UsageLog(Database database, Clock clock) {
    this.database = database;
    this.reader = database.reader(UsageDao.class);
    this.clock = clock;
  }

  /**
   * Adds one run, in a transaction of its own, for work that is stored nowhere else or no more.
   * Nothing happens where the user is gone.
   */
  public void add(UUID userId, List<Cost> costs) {
    again(
        () ->
            database.inTransaction(
                tx -> {
                  add(tx, userId, costs, clock.instant());
                  return userId;
                }));
  }

  /**
   * Runs a transaction that {@link #add}s to the usage, and that anew where meanwhile another run
   * was the first of the day with the same agent and model.
   */
  public static <T> T again(Supplier<T> transaction) {
    for (int collisions = 0; ; collisions++) {
      try {
        return transaction.get();
      } catch (DuplicateKeyException e) {
        if (collisions == MOST_COLLISIONS) {
          throw e;
        }
      }
    }
  }

  /**
   * Adds one run as part of a transaction, best at its end: other runs of the user wait for it.
   * Nothing happens where the user is gone.
   *
   * @see #again
   * @param now decides the day
   */
  public static void add(Tx tx, UUID userId, List<Cost> costs, Instant now) {
    UsageDao dao = tx.use(UsageDao.class);
    if (costs.isEmpty() || dao.lockUser(userId).isEmpty()) {
      return;
    }
    // In one order, so that two runs that end at once cannot wait for each other.
    List<UsageDao.Addition> additions =
        costs.stream()
            .map(UsageLog::addition)
            .sorted(
                Comparator.comparing(UsageDao.Addition::agentId)
                    .thenComparing(UsageDao.Addition::model))
            .toList();
    dao.add(userId, day(now), additions);
  }

  /** The days from one to another, newest first. */
  List<UsageDao.DayRow> between(UUID userId, LocalDate from, LocalDate to) {
    return reader.between(userId, from, to);
  }

  /** The tokens of a day, in and out, as far as runs have ended. */
  long tokensOn(UUID userId, LocalDate day) {
    return reader.tokensOn(userId, day);
  }

  static LocalDate day(Instant instant) {
    return LocalDate.ofInstant(instant, ZoneOffset.UTC);
  }

  private static UsageDao.Addition addition(Cost cost) {
    return new UsageDao.Addition(
        cost.agentId(),
        cost.model() == null ? "" : cost.model(),
        cost.inputTokens(),
        cost.outputTokens(),
        cost.millis());
  }
}
