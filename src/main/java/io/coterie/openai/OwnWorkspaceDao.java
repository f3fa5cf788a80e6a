package io.coterie.openai;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;

/** What a model of a workspace's name needs to know of it. */
@RegisterConstructorMapper(OwnWorkspaceDao.Workspace.class)
interface OwnWorkspaceDao {

  record Workspace(UUID workspaceId, String name, String coordinatorAgent, Instant createdAt) {}

  @SqlQuery(
      """
      SELECT workspace_id, name, coordinator_agent, created_at FROM workspaces
      WHERE owner_id = :ownerId ORDER BY owner_id, workspace_id DESC FETCH FIRST :limit ROWS ONLY
      """)
  List<Workspace> ofOwner(UUID ownerId, int limit);

  @SqlQuery(
      """
      SELECT workspace_id, name, coordinator_agent, created_at FROM workspaces
      WHERE workspace_id = :workspaceId AND owner_id = :ownerId
      """)
  Optional<Workspace> find(UUID workspaceId, UUID ownerId);

  @SqlQuery(
      "SELECT agent_id FROM workspace_agents WHERE workspace_id = :workspaceId ORDER BY added_at, agent_id")
  List<String> agents(UUID workspaceId);
}
