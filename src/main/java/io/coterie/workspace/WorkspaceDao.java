package io.coterie.workspace;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

@RegisterConstructorMapper(WorkspaceRow.class)
@RegisterConstructorMapper(WorkspaceDao.Member.class)
interface WorkspaceDao {

  /** An agent in a workspace. */
  record Member(UUID workspaceId, String agentId) {}

  /** Holds the user's row until the transaction ends, so that the account stays meanwhile. */
  @SqlQuery("SELECT user_id FROM users WHERE user_id = :userId FOR UPDATE")
  Optional<UUID> lockUser(UUID userId);

  /** Call it with the owner's row held. */
  @SqlUpdate(
      """
      INSERT INTO workspaces (workspace_id, owner_id, name, created_at)
      VALUES (:workspaceId, :ownerId, :name, :now)
      """)
  void insert(UUID workspaceId, UUID ownerId, String name, Instant now);

  @SqlQuery(
      """
      SELECT w.workspace_id, w.owner_id, w.name, w.coordinator_agent, w.created_at
      FROM workspaces w JOIN users u ON u.user_id = w.owner_id
      WHERE w.workspace_id = :workspaceId
      """)
  Optional<WorkspaceRow> find(UUID workspaceId);

  /**
   * Holds the workspace's row until the transaction ends, so that it is not deleted meanwhile.
   * Empty where that or its owner is gone.
   */
  @SqlQuery(
      """
      SELECT (SELECT u.user_id FROM users u WHERE u.user_id = owner_id) AS owner
      FROM workspaces WHERE workspace_id = :workspaceId FOR UPDATE
      """)
  Optional<UUID> lock(UUID workspaceId);

  @SqlQuery(
      """
      SELECT workspace_id, owner_id, name, coordinator_agent, created_at
      FROM workspaces WHERE owner_id = :ownerId ORDER BY owner_id, workspace_id DESC
      """)
  List<WorkspaceRow> ofOwner(UUID ownerId);

  @SqlQuery(
      """
      SELECT workspace_id, owner_id, name, coordinator_agent, created_at
      FROM workspaces WHERE owner_id = :ownerId AND workspace_id < :before
      ORDER BY owner_id, workspace_id DESC FETCH FIRST :limit ROWS ONLY
      """)
  List<WorkspaceRow> pageOfOwner(UUID ownerId, UUID before, int limit);

  @SqlQuery(
      """
      SELECT a.workspace_id, a.agent_id
      FROM workspaces w JOIN workspace_agents a ON a.workspace_id = w.workspace_id
      WHERE w.owner_id = :ownerId AND w.workspace_id BETWEEN :first AND :last
      ORDER BY a.workspace_id, a.added_at, a.agent_id
      """)
  List<Member> agentsBetween(UUID ownerId, UUID first, UUID last);

  @SqlUpdate("DELETE FROM workspaces WHERE workspace_id = :workspaceId")
  int delete(UUID workspaceId);

  @SqlUpdate("UPDATE workspaces SET name = :name WHERE workspace_id = :workspaceId")
  int rename(UUID workspaceId, String name);

  @SqlUpdate("UPDATE workspaces SET coordinator_agent = :agentId WHERE workspace_id = :workspaceId")
  int setCoordinator(UUID workspaceId, String agentId);

  @SqlQuery(
      """
      SELECT EXISTS (SELECT 1 FROM workspace_agents WHERE workspace_id = :workspaceId AND agent_id = :agentId)
      """)
  boolean hasAgent(UUID workspaceId, String agentId);

  /** Some of the workspace's agents, to know whether there are as many as {@code limit}. */
  @SqlQuery(
      "SELECT agent_id FROM workspace_agents WHERE workspace_id = :workspaceId FETCH FIRST :limit ROWS ONLY")
  List<String> someAgents(UUID workspaceId, int limit);

  /** Call it with the workspace's row held. */
  @SqlUpdate(
      """
      INSERT INTO workspace_agents (workspace_id, agent_id, added_at)
      VALUES (:workspaceId, :agentId, :now)
      """)
  void addAgent(UUID workspaceId, String agentId, Instant now);

  @SqlUpdate(
      "DELETE FROM workspace_agents WHERE workspace_id = :workspaceId AND agent_id = :agentId")
  int removeAgent(UUID workspaceId, String agentId);
}
