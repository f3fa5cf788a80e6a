package io.coterie.usage;

import io.coterie.http.ApiException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many tokens, in and out, each user's agents may use in a day (UTC). Nothing new is begun once
 * they are used up, and what is going on ends; runs in progress count with what they have used so
 * far. Thread-safe.
 */
public final class TokenQuota {

  /** A refusal: 429, and {@code Retry-After} tells the seconds until midnight, UTC. */
  public static final class UsedUpException extends ApiException {
    private static final long serialVersionUID = 1L;
    private final String explanation;

    UsedUpException(String explanation, long seconds) {
      super(429, "Too many requests", Map.of("Retry-After", Long.toString(seconds)));
      this.explanation = explanation;
    }

    /** Why, in words for the person. */
    public String explanation() {
      return explanation;
    }
  }

  /** One run in progress. Close it once what it used is in the {@link UsageLog}. Thread-safe. */
  public interface Spending extends AutoCloseable {

    /** Says what the run has used so far, all in all. */
    void spent(long tokens);

    /** Why the run may use no more, in words for the person; null while it may. */
    String refusal();

    @Override
    void close();
  }

  /** A run that is not counted: it may use all, or nothing. */
  private record Uncounted(String refusal) implements Spending {
    static final Spending UNLIMITED = new Uncounted(null);
    static final Spending UNKNOWN =
        new Uncounted("What you have used today could not be read; the log says why.");

    @Override
    public void spent(long tokens) {}

    @Override
    public void close() {}
  }

  private static final Logger log = LoggerFactory.getLogger(TokenQuota.class);

  private final long perDay;
  private final UsageLog usage;
  private final Clock clock;

  /** Only of users with runs in progress; those of others are in the database. */
  private final Map<UUID, Account> accounts = new ConcurrentHashMap<>();

  /**
   * @param perDay 0 for no limit
   */
  public TokenQuota(long perDay, UsageLog usage, Clock clock) {
    this.perDay = perDay;
    this.usage = usage;
    this.clock = clock;
  }

  /** Whether there is a limit at all. */
  public boolean isOn() {
    return perDay > 0;
  }

  /** Refuses where the user has used up the day's tokens. */
  public void check(UUID userId) {
    if (isOn()) {
      Account account = accounts.get(userId);
      long spent = account == null ? usage.tokensOn(userId, today()) : account.spent();
      if (spent >= perDay) {
        throw new UsedUpException(explanation("are used up"), secondsLeft());
      }
    }
  }

  /** Begins to count a run. Does not throw: where nothing can be read, the run may use nothing. */
  public Spending begin(UUID userId) {
    if (!isOn()) {
      return Uncounted.UNLIMITED;
    }
    try {
      return count(userId);
    } catch (RuntimeException e) {
      log.error("What user_id={} has used cannot be read", userId, e);
      return Uncounted.UNKNOWN;
    }
  }

  private Run count(UUID userId) {
    Run run = new Run(userId);
    accounts.compute(
        userId,
        (id, old) -> {
          run.account = old == null ? new Account(userId) : old;
          run.account.add(run);
          return run.account;
        });
    return run;
  }

  private String explanation(String what) {
    return "The "
        + perDay
        + " tokens that you may use in a day "
        + what
        + " (quota.user.tokens-per-day).";
  }

  private LocalDate today() {
    return UsageLog.day(clock.instant());
  }

  private long secondsLeft() {
    Instant now = clock.instant();
    Instant midnight = UsageLog.day(now).plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    return Math.max(1, Duration.between(now, midnight).plusMillis(999).toSeconds());
  }

  /** What a user with runs in progress has used today. */
  private final class Account {
    private final UUID userId;
    private final Set<Run> running = new HashSet<>();
    private LocalDate day;
    private long ended;
    private long going;

    Account(UUID userId) {
      this.userId = userId;
      this.day = today();
      this.ended = usage.tokensOn(userId, day);
    }

    synchronized void add(Run run) {
      running.add(run);
    }

    /** Answers whether it was the last one. */
    synchronized boolean remove(Run run) {
      if (running.remove(run)) {
        going -= run.tokens;
        ended += run.tokens;
      }
      return running.isEmpty();
    }

    synchronized void count(Run run, long tokens) {
      if (running.contains(run)) {
        going += tokens - run.tokens;
        run.tokens = tokens;
      }
    }

    synchronized long spent() {
      LocalDate today = today();
      if (!today.equals(day)) {
        // A run counts for the day on which it ends.
        day = today;
        ended = usage.tokensOn(userId, today);
      }
      return ended + going;
    }
  }

  private final class Run implements Spending {
    private final UUID userId;
    private Account account;
    private long tokens;

    Run(UUID userId) {
      this.userId = userId;
    }

    @Override
    public void spent(long total) {
      account.count(this, total);
    }

    @Override
    public String refusal() {
      return account.spent() > perDay ? explanation("do not suffice for this") : null;
    }

    @Override
    public void close() {
      accounts.compute(userId, (id, current) -> account.remove(this) ? null : current);
    }
  }
}
