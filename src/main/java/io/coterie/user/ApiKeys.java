package io.coterie.user;

import io.coterie.http.ApiException;
import io.coterie.http.Authentication;
import io.coterie.http.Principal;
import io.coterie.storage.CannotStoreException;
import io.coterie.storage.Database;
import io.coterie.storage.Ids;
import io.coterie.storage.MissingReferenceException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * API keys: long-lived bearer tokens for programs, each of one user and perhaps for one workspace
 * only. They are stored hashed, and end at once when they are revoked, when they expire, and when
 * their user is disabled. Refusals are {@link ApiException}s. Thread-safe.
 */
public final class ApiKeys implements Authentication.Verifier {

  private static final Logger log = LoggerFactory.getLogger(ApiKeys.class);

  /** How many keys a user may have. */
  static final int MAX_KEYS = 100;

  /** How exact {@code last_used_at} is: it costs a write, and not every request shall. */
  private static final Duration USE_STEP = Duration.ofMinutes(1);

  /**
   * A key just made.
   *
   * @param key shown this once
   * @param workspaceId null for all of the user's
   * @param expiresAt null for never
   */
  record Created(
      String key,
      UUID keyId,
      String name,
      UUID workspaceId,
      Instant createdAt,
      Instant expiresAt) {}

  private final Database database;
  private final ApiKeyDao keys;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  public ApiKeys(Database database, Clock clock) {
    this.database = database;
    this.keys = database.reader(ApiKeyDao.class);
    this.clock = clock;
  }

  /** Checks keys, and has {@code others} check what does not look like one. */
  public Authentication.Verifier or(Authentication.Verifier others) {
    return token -> KeyText.isMeant(token) ? verify(token) : others.verify(token);
  }

  /** Whose key it is; 401 for one that is malformed, revoked or expired. */
  @Override
  public Principal verify(String key) {
    if (!KeyText.isWhole(key)) {
      throw ApiException.unauthorized("Invalid token");
    }
    ApiKeyDao.Presented row =
        keys.presented(KeyText.hash(key)).orElseThrow(ApiKeys::revokedCredentials);
    if (row.disabled()) {
      throw revokedCredentials();
    }
    Instant now = now();
    if (row.expiresAt() != null && !now.isBefore(row.expiresAt())) {
      throw Tokens.expired();
    }
    noteUse(row, now);
    return new Principal(
        row.userId(),
        row.role().equals(User.ADMIN),
        true,
        row.keyId(),
        row.workspaceId(),
        row.expiresAt());
  }

  /**
   * Makes a key.
   *
   * @param workspace the identifier of the only workspace it is to reach, or null: 404 and 403
   *     where that is none of the user's
   * @param lifetime null for one that does not expire
   */
  Created create(UUID userId, String name, String workspace, Duration lifetime) {
    UUID workspaceId = workspace == null ? null : ownedWorkspace(workspace, userId);
    String key = KeyText.next(random);
    Instant now = now();
    Created created =
        new Created(
            key, Ids.next(), name, workspaceId, now, lifetime == null ? null : now.plus(lifetime));
    try {
      return database.inTransaction(tx -> insert(tx.use(ApiKeyDao.class), userId, created));
    } catch (MissingReferenceException e) {
      throw workspaceNotFound();
    }
  }

  List<ApiKeyDao.Row> ofUser(UUID userId) {
    return keys.ofUser(userId);
  }

  /** Ends a key and answers its identifier; 404 where the user has none of that. */
  UUID revoke(UUID userId, String keyId) {
    UUID id = Ids.parse(keyId).orElseThrow(ApiKeys::keyNotFound);
    if (database.inTransaction(tx -> tx.use(ApiKeyDao.class).delete(userId, id)) == 0) {
      throw keyNotFound();
    }
    return id;
  }

  private static ApiException keyNotFound() {
    return ApiException.notFound("API key not found");
  }

  /** What is answered where a token or a key was good once. */
  static ApiException revokedCredentials() {
    return ApiException.unauthorized("Token has been revoked");
  }

  /** Keys that have expired make room for new ones. */
  private static Created insert(ApiKeyDao dao, UUID userId, Created key) {
    if (dao.lockEnabledUser(userId).isEmpty()) {
      throw revokedCredentials();
    }
    int present = dao.count(userId);
    if (present >= MAX_KEYS && dao.deleteExpired(userId, key.createdAt()) == 0) {
      throw ApiException.badRequest("A user may have at most " + MAX_KEYS + " API keys");
    }
    dao.insert(
        key.keyId(),
        userId,
        key.workspaceId(),
        key.name(),
        KeyText.prefix(key.key()),
        KeyText.hash(key.key()),
        key.createdAt(),
        key.expiresAt());
    return key;
  }

  /** Where nothing can be stored, a key is good all the same. */
  private void noteUse(ApiKeyDao.Presented row, Instant now) {
    Instant before = now.minus(USE_STEP);
    if (row.lastUsedAt() == null || !row.lastUsedAt().isAfter(before)) {
      try {
        database.inTransaction(tx -> tx.use(ApiKeyDao.class).used(row.keyId(), now, before));
      } catch (CannotStoreException e) {
        log.debug("the use of a key could not be noted");
      }
    }
  }

  private UUID ownedWorkspace(String text, UUID userId) {
    UUID workspaceId = Ids.parse(text).orElseThrow(ApiKeys::workspaceNotFound);
    UUID owner = keys.workspaceOwner(workspaceId).orElseThrow(ApiKeys::workspaceNotFound);
    if (!owner.equals(userId)) {
      throw ApiException.forbidden("User is not the owner of the workspace");
    }
    return workspaceId;
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private static ApiException workspaceNotFound() {
    return ApiException.notFound("Workspace not found");
  }
}
