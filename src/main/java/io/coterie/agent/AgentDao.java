package io.coterie.agent;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

@RegisterConstructorMapper(AgentDao.Row.class)
interface AgentDao {

  /** An installed agent; {@code manifest} is JSON. */
  record Row(String agentId, String source, UUID installedBy, String manifest) {}

  @SqlQuery("SELECT agent_id, source, installed_by, manifest FROM agents ORDER BY agent_id")
  List<Row> all();

  @SqlUpdate(
      """
      UPDATE agents SET source = :source, registry = :registry, sha256 = :sha256, manifest = :manifest,
        installed_at = :now
      WHERE agent_id = :agentId
      """)
  int update(
      String agentId, String source, String registry, String sha256, String manifest, Instant now);

  @SqlUpdate("DELETE FROM agents WHERE agent_id = :agentId")
  int delete(String agentId);

  @SqlUpdate(
      """
      INSERT INTO agents (agent_id, source, installed_by, registry, sha256, manifest, installed_at)
      VALUES (:agentId, :source, :installedBy, :registry, :sha256, :manifest, :now)
      """)
  void insert(
      String agentId,
      String source,
      UUID installedBy,
      String registry,
      String sha256,
      String manifest,
      Instant now);
}
