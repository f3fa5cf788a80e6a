package io.coterie.chat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** Chats themselves, and what a chat needs to know of its workspace. */
@RegisterConstructorMapper(ChatRow.class)
@RegisterConstructorMapper(ChatDao.Target.class)
@RegisterConstructorMapper(ChatDao.Home.class)
@RegisterConstructorMapper(ChatDao.Owner.class)
interface ChatDao {

  /** What decides which agent answers in a workspace. */
  record Target(UUID workspaceId, UUID ownerId, String coordinatorAgent) {}

  /** Whose a chat is. */
  record Owner(UUID ownerId, boolean disabled) {}

  /** What decides who may use a chat. */
  record Home(UUID ownerId, UUID workspaceId) {}

  /** Call it with the workspace's row held. */
  @SqlUpdate(
      """
      INSERT INTO chats (chat_id, workspace_id, owner_id, title, last_seq, created_at, updated_at)
      VALUES (:chatId, :workspaceId, :ownerId, NULL, 0, :now, :now)
      """)
  void insert(UUID chatId, UUID workspaceId, UUID ownerId, Instant now);

  @SqlQuery(
      """
      SELECT c.chat_id, c.workspace_id, c.owner_id, c.title, c.last_seq, c.created_at, c.updated_at,
        EXISTS (SELECT 1 FROM runs r WHERE r.chat_id = c.chat_id AND r.status = 'running')
          OR EXISTS (SELECT 1 FROM runs r WHERE r.chat_id = c.chat_id AND r.status = 'queued') AS busy
      FROM chats c JOIN workspaces w ON w.workspace_id = c.workspace_id
        JOIN users u ON u.user_id = w.owner_id
      WHERE c.chat_id = :chatId
      """)
  Optional<ChatRow> find(UUID chatId);

  @SqlQuery(
      """
      SELECT c.owner_id, c.workspace_id
      FROM chats c JOIN workspaces w ON w.workspace_id = c.workspace_id
        JOIN users u ON u.user_id = w.owner_id
      WHERE c.chat_id = :chatId
      """)
  Optional<Home> home(UUID chatId);

  @SqlUpdate("UPDATE chats SET title = :title WHERE chat_id = :chatId")
  int rename(UUID chatId, String title);

  @SqlQuery(
      """
      SELECT c.owner_id, u.disabled
      FROM chats c JOIN workspaces w ON w.workspace_id = c.workspace_id
        JOIN users u ON u.user_id = w.owner_id
      WHERE c.chat_id = :chatId
      """)
  Optional<Owner> owner(UUID chatId);

  @SqlQuery(
      """
      SELECT c.chat_id, c.workspace_id, c.owner_id, c.title, c.last_seq, c.created_at, c.updated_at,
        EXISTS (SELECT 1 FROM runs r WHERE r.chat_id = c.chat_id AND r.status = 'running')
          OR EXISTS (SELECT 1 FROM runs r WHERE r.chat_id = c.chat_id AND r.status = 'queued') AS busy
      FROM chats c WHERE c.workspace_id = :workspaceId ORDER BY c.workspace_id, c.chat_id DESC
      """)
  List<ChatRow> ofWorkspace(UUID workspaceId);

  @SqlQuery(
      """
      SELECT c.chat_id, c.workspace_id, c.owner_id, c.title, c.last_seq, c.created_at, c.updated_at,
        EXISTS (SELECT 1 FROM runs r WHERE r.chat_id = c.chat_id AND r.status = 'running')
          OR EXISTS (SELECT 1 FROM runs r WHERE r.chat_id = c.chat_id AND r.status = 'queued') AS busy
      FROM chats c WHERE c.workspace_id = :workspaceId AND c.chat_id < :before
      ORDER BY c.workspace_id, c.chat_id DESC FETCH FIRST :limit ROWS ONLY
      """)
  List<ChatRow> pageOfWorkspace(UUID workspaceId, UUID before, int limit);

  /**
   * Those of some chats that are in a workspace, which need not be there any more. COALESCE keeps
   * H2 from going through all that the workspace has.
   */
  @SqlQuery(
      """
      SELECT chat_id FROM chats
      WHERE chat_id = ANY(:chatIds) AND COALESCE(workspace_id, NULL) = :workspaceId
      """)
  List<UUID> thoseInWorkspace(UUID[] chatIds, UUID workspaceId);

  /** As {@link #thoseInWorkspace}, for what a user owns, who need not be there any more. */
  @SqlQuery(
      """
      SELECT chat_id FROM chats
      WHERE chat_id = ANY(:chatIds) AND COALESCE(owner_id, NULL) = :ownerId
      """)
  List<UUID> thoseOfOwner(UUID[] chatIds, UUID ownerId);

  @SqlQuery(
      """
      SELECT DISTINCT c.chat_id FROM runs r JOIN chats c ON c.chat_id = r.chat_id
      WHERE r.status IN ('queued', 'running') AND c.owner_id = :ownerId
      """)
  List<UUID> busyOfOwner(UUID ownerId);

  @SqlQuery(
      """
      SELECT w.owner_id FROM workspaces w JOIN users u ON u.user_id = w.owner_id
      WHERE w.workspace_id = :workspaceId
      """)
  Optional<UUID> workspaceOwner(UUID workspaceId);

  /**
   * Holds the workspace's row until the transaction ends, so that it is not deleted meanwhile.
   * Empty where that or its owner is gone.
   */
  @SqlQuery(
      """
      SELECT (SELECT u.user_id FROM users u WHERE u.user_id = owner_id) AS owner
      FROM workspaces WHERE workspace_id = :workspaceId FOR UPDATE
      """)
  Optional<UUID> lockWorkspace(UUID workspaceId);

  @SqlQuery(
      """
      SELECT w.workspace_id, w.owner_id, w.coordinator_agent
      FROM chats c JOIN workspaces w ON w.workspace_id = c.workspace_id
        JOIN users u ON u.user_id = w.owner_id
      WHERE c.chat_id = :chatId
      """)
  Optional<Target> target(UUID chatId);

  @SqlQuery(
      """
      SELECT w.workspace_id, w.owner_id, w.coordinator_agent
      FROM workspaces w JOIN users u ON u.user_id = w.owner_id WHERE w.workspace_id = :workspaceId
      """)
  Optional<Target> targetIn(UUID workspaceId);

  @SqlQuery(
      """
      SELECT workspace_id FROM workspaces WHERE owner_id = :ownerId
      ORDER BY owner_id, workspace_id FETCH FIRST 1 ROWS ONLY
      """)
  Optional<UUID> oldestWorkspace(UUID ownerId);

  /** Holds the user's row until the transaction ends; empty where that is gone or disabled. */
  @SqlQuery("SELECT user_id FROM users WHERE user_id = :userId AND disabled = FALSE FOR UPDATE")
  Optional<UUID> lockEnabledUser(UUID userId);

  /** Call it with the owner's row held. */
  @SqlUpdate(
      """
      INSERT INTO workspaces (workspace_id, owner_id, name, created_at)
      VALUES (:workspaceId, :ownerId, :name, :now)
      """)
  void insertWorkspace(UUID workspaceId, UUID ownerId, String name, Instant now);

  @SqlQuery(
      "SELECT agent_id FROM workspace_agents WHERE workspace_id = :workspaceId ORDER BY added_at, agent_id")
  List<String> workspaceAgents(UUID workspaceId);

  @SqlUpdate("DELETE FROM chats WHERE chat_id = :chatId")
  int delete(UUID chatId);
}
