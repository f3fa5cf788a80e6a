package io.coterie.user;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

@RegisterConstructorMapper(ApiKeyDao.Row.class)
@RegisterConstructorMapper(ApiKeyDao.Presented.class)
interface ApiKeyDao {

  /** A key as its user sees it; null for no workspace, no end and never used. */
  record Row(
      UUID keyId,
      String name,
      String prefix,
      UUID workspaceId,
      Instant createdAt,
      Instant expiresAt,
      Instant lastUsedAt) {}

  /** A key that somebody presents, and whose it is. */
  record Presented(
      UUID keyId,
      UUID userId,
      UUID workspaceId,
      Instant expiresAt,
      Instant lastUsedAt,
      String role,
      boolean disabled) {}

  @SqlQuery(
      """
      SELECT k.key_id, k.user_id, k.workspace_id, k.expires_at, k.last_used_at, u.role, u.disabled
      FROM api_keys k JOIN users u ON u.user_id = k.user_id WHERE k.key_hash = :keyHash
      """)
  Optional<Presented> presented(String keyHash);

  @SqlUpdate(
      """
      UPDATE api_keys SET last_used_at = :now
      WHERE key_id = :keyId AND (last_used_at IS NULL OR last_used_at <= :before)
      """)
  int used(UUID keyId, Instant now, Instant before);

  @SqlQuery(
      """
      SELECT key_id, name, prefix, workspace_id, created_at, expires_at, last_used_at
      FROM api_keys WHERE user_id = :userId ORDER BY key_id DESC
      """)
  List<Row> ofUser(UUID userId);

  /**
   * Holds the user's row until the transaction ends, so that keys are made one after the other and
   * none while the user is being disabled or deleted.
   */
  @SqlQuery("SELECT user_id FROM users WHERE user_id = :userId AND disabled = FALSE FOR UPDATE")
  Optional<UUID> lockEnabledUser(UUID userId);

  @SqlQuery("SELECT COUNT(*) FROM api_keys WHERE user_id = :userId")
  int count(UUID userId);

  @SqlUpdate("DELETE FROM api_keys WHERE user_id = :userId AND expires_at <= :now")
  int deleteExpired(UUID userId, Instant now);

  @SqlUpdate(
      """
      INSERT INTO api_keys (key_id, user_id, workspace_id, name, prefix, key_hash, created_at, expires_at)
      VALUES (:keyId, :userId, :workspaceId, :name, :prefix, :keyHash, :createdAt, :expiresAt)
      """)
  void insert(
      UUID keyId,
      UUID userId,
      UUID workspaceId,
      String name,
      String prefix,
      String keyHash,
      Instant createdAt,
      Instant expiresAt);

  @SqlQuery("SELECT owner_id FROM workspaces WHERE workspace_id = :workspaceId")
  Optional<UUID> workspaceOwner(UUID workspaceId);

  @SqlUpdate("DELETE FROM api_keys WHERE user_id = :userId AND key_id = :keyId")
  int delete(UUID userId, UUID keyId);

  @SqlUpdate("DELETE FROM api_keys WHERE user_id = :userId")
  int deleteOfUser(UUID userId);
}
