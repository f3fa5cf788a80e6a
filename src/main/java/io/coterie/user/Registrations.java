package io.coterie.user;

import io.coterie.http.ApiException;
import io.coterie.http.SlidingWindow;
import io.coterie.storage.Database;
import io.coterie.storage.DuplicateKeyException;
import io.coterie.storage.Ids;
import io.coterie.storage.Tx;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;

/**
 * Who may open an account, and the opening. Refusals are {@link ApiException}s. Thread-safe; the
 * limit is exact where the registrations of one address come one after the other.
 */
final class Registrations {

  private final Database database;
  private final UserDao users;
  private final boolean open;
  private final Clock clock;
  private final SlidingWindow<String> recent;

  /**
   * @param open whether anybody may register, and not the first user alone
   * @param maxPerHour new accounts from one address within an hour; 0 for no limit
   */
  Registrations(Database database, boolean open, int maxPerHour, Clock clock) {
    this.database = database;
    this.users = database.reader(UserDao.class);
    this.open = open;
    this.clock = clock;
    this.recent = new SlidingWindow<>(maxPerHour, Duration.ofHours(1), clock);
  }

  /** 403, 400 or 429 where no account of that email is to be had from there. */
  void check(String email, String address) {
    if (!open && users.countFirstUser() > 0) {
      throw closed();
    }
    if (users.findByEmail(Emails.key(email)).isPresent()) {
      throw userExists();
    }
    long seconds = recent.secondsUntilFree(address);
    if (seconds > 0) {
      throw ApiException.tooManyRequests(seconds);
    }
  }

  /**
   * Opens the account, and counts it.
   *
   * <p>Two registrations at once may both take themselves for the first: the unique row lets one of
   * them win, and the other is not the first when it tries again.
   */
  void register(String email, String passwordHash, String address) {
    while (true) {
      try {
        database.inTransaction(tx -> insert(tx, email, passwordHash));
        recent.count(address);
        return;
      } catch (DuplicateKeyException e) {
        if (users.findByEmail(Emails.key(email)).isPresent()) {
          throw userExists();
        }
      }
    }
  }

  static ApiException userExists() {
    return ApiException.badRequest("User already exists");
  }

  private UUID insert(Tx tx, String email, String passwordHash) {
    UserDao dao = tx.use(UserDao.class);
    UUID userId = Ids.next();
    boolean first = dao.countFirstUser() == 0;
    if (first) {
      dao.insertFirstUser(userId);
    } else if (!open) {
      throw closed();
    }
    String role = first ? User.ADMIN : User.USER;
    dao.insert(userId, email, Emails.key(email), passwordHash, role, clock.instant());
    return userId;
  }

  private static ApiException closed() {
    return ApiException.forbidden("Registration is closed");
  }
}
