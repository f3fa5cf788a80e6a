package io.coterie.agent;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

@RegisterConstructorMapper(AgentDao.Row.class)
interface AgentDao {

  /**
   * An agent that was installed, or that its owner made; {@code manifest} is JSON.
   *
   * @param ownerId null for a package
   */
  record Row(String agentId, UUID installedBy, UUID ownerId, String manifest) {}

  /** All but those that went with their maker; nobody has installed what a gone user had. */
  @SqlQuery(
      """
      SELECT a.agent_id, i.user_id AS installed_by, a.owner_id, a.manifest
      FROM agents a LEFT JOIN users i ON i.user_id = a.installed_by
        LEFT JOIN users o ON o.user_id = a.owner_id
      WHERE a.owner_id IS NULL OR o.user_id IS NOT NULL ORDER BY a.agent_id
      """)
  List<Row> all();

  /** Holds the user's row until the transaction ends, so that the account stays meanwhile. */
  @SqlQuery("SELECT user_id FROM users WHERE user_id = :userId FOR UPDATE")
  Optional<UUID> lockUser(UUID userId);

  @SqlUpdate(
      """
      UPDATE agents SET installed_by = :installedBy, registry = :registry, sha256 = :sha256,
        manifest = :manifest, installed_at = :now
      WHERE agent_id = :agentId
      """)
  int update(
      String agentId,
      UUID installedBy,
      String registry,
      String sha256,
      String manifest,
      Instant now);

  @SqlUpdate("DELETE FROM agents WHERE agent_id = :agentId")
  int delete(String agentId);

  @SqlUpdate(
      """
      INSERT INTO agents (agent_id, source, installed_by, registry, sha256, manifest, installed_at)
      VALUES (:agentId, 'package', :installedBy, :registry, :sha256, :manifest, :now)
      """)
  void insertPackage(
      String agentId,
      UUID installedBy,
      String registry,
      String sha256,
      String manifest,
      Instant now);

  @SqlUpdate(
      """
      INSERT INTO agents (agent_id, source, owner_id, registry, sha256, manifest, installed_at)
      VALUES (:agentId, 'user', :ownerId, '', '', :manifest, :now)
      """)
  void insertOwn(String agentId, UUID ownerId, String manifest, Instant now);
}
