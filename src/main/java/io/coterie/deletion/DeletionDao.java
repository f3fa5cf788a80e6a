package io.coterie.deletion;

import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlBatch;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** What is deleted, and the rows of whatever feature that hang on it, some at a time. */
@RegisterConstructorMapper(DeletionDao.Noted.class)
@RegisterConstructorMapper(DeletionDao.Numbered.class)
@RegisterConstructorMapper(DeletionDao.Identified.class)
@RegisterConstructorMapper(DeletionDao.Named.class)
@RegisterConstructorMapper(DeletionDao.UsedOn.class)
interface DeletionDao {

  record Noted(String kind, UUID itemId) {
    Deletion deletion() {
      return Deletion.of(kind, itemId);
    }
  }

  /** A row that is to be removed, and about how many characters or bytes it has. */
  interface Sized {
    long size();
  }

  record Numbered(long seq, long size) implements Sized {}

  record Identified(UUID id, long size) implements Sized {}

  record Named(String name, long size) implements Sized {}

  record UsedOn(LocalDate usedOn, String agentId, String model) implements Sized {
    @Override
    public long size() {
      return 0;
    }
  }

  @SqlUpdate("INSERT INTO deletions (kind, item_id) VALUES (:kind, :itemId)")
  void note(String kind, UUID itemId);

  @SqlQuery(
      "SELECT kind, item_id FROM deletions ORDER BY kind, item_id FETCH FIRST :limit ROWS ONLY")
  List<Noted> noted(int limit);

  @SqlUpdate("DELETE FROM deletions WHERE kind = :kind AND item_id = :itemId")
  void forget(String kind, UUID itemId);

  @SqlQuery(
      """
      SELECT seq, COALESCE(CHAR_LENGTH(data), 0) AS size FROM events
      WHERE chat_id = :chatId ORDER BY chat_id, seq FETCH FIRST :limit ROWS ONLY
      """)
  List<Numbered> events(UUID chatId, int limit);

  @SqlUpdate("DELETE FROM events WHERE chat_id = :chatId AND seq <= :last")
  void deleteEvents(UUID chatId, long last);

  @SqlQuery(
      """
      SELECT seq, CHAR_LENGTH(content) AS size FROM messages
      WHERE chat_id = :chatId ORDER BY chat_id, seq FETCH FIRST :limit ROWS ONLY
      """)
  List<Numbered> messages(UUID chatId, int limit);

  @SqlUpdate("DELETE FROM messages WHERE chat_id = :chatId AND seq <= :last")
  void deleteMessages(UUID chatId, long last);

  @SqlQuery(
      """
      SELECT message_id AS id, OCTET_LENGTH(marks) AS size FROM message_marks
      WHERE chat_id = :chatId ORDER BY chat_id, message_id FETCH FIRST :limit ROWS ONLY
      """)
  List<Identified> marks(UUID chatId, int limit);

  /** Notes whose groups of marks are to be made anew, where those of a chat are removed. */
  @SqlUpdate(
      """
      INSERT INTO mark_groups_due (owner_id)
      SELECT k.owner_id FROM (
        SELECT owner_id FROM message_marks WHERE chat_id = :chatId FETCH FIRST 1 ROWS ONLY) k
      WHERE EXISTS (SELECT 1 FROM mark_groups g WHERE g.owner_id = k.owner_id)
        AND NOT EXISTS (SELECT 1 FROM mark_groups_due d WHERE d.owner_id = k.owner_id)
      """)
  void noteMarksOwner(UUID chatId);

  @SqlUpdate("DELETE FROM message_marks WHERE chat_id = :chatId AND message_id <= :last")
  void deleteMarks(UUID chatId, UUID last);

  @SqlQuery(
      """
      SELECT run_id AS id, COALESCE(CHAR_LENGTH(partial_costs), 0) AS size
      FROM runs WHERE chat_id = :chatId FETCH FIRST :limit ROWS ONLY
      """)
  List<Identified> runs(UUID chatId, int limit);

  /** Of a chat's runs one has text saved, or none. */
  @SqlBatch("DELETE FROM run_texts WHERE run_id = :id")
  void deleteTexts(@BindMethods Iterable<Identified> runs);

  @SqlBatch("DELETE FROM runs WHERE run_id = :id")
  void deleteRuns(@BindMethods Iterable<Identified> runs);

  @SqlQuery(
      """
      SELECT chat_id FROM chats WHERE workspace_id = :workspaceId
      ORDER BY workspace_id, chat_id DESC FETCH FIRST 1 ROWS ONLY
      """)
  Optional<UUID> chatOfWorkspace(UUID workspaceId);

  @SqlQuery("SELECT chat_id FROM chats WHERE owner_id = :ownerId FETCH FIRST 1 ROWS ONLY")
  Optional<UUID> chatOfUser(UUID ownerId);

  @SqlQuery("SELECT chat_id FROM chats WHERE chat_id = :chatId FOR UPDATE")
  Optional<UUID> lockChat(UUID chatId);

  @SqlUpdate("DELETE FROM chats WHERE chat_id = :chatId")
  void deleteChat(UUID chatId);

  @SqlQuery(
      """
      SELECT agent_id AS name, 0 AS size FROM workspace_agents
      WHERE workspace_id = :workspaceId ORDER BY workspace_id, agent_id FETCH FIRST :limit ROWS ONLY
      """)
  List<Named> workspaceAgents(UUID workspaceId, int limit);

  @SqlUpdate("DELETE FROM workspace_agents WHERE workspace_id = :workspaceId AND agent_id <= :last")
  void deleteWorkspaceAgents(UUID workspaceId, String last);

  @SqlQuery(
      """
      SELECT workspace_id FROM workspaces WHERE owner_id = :ownerId
      ORDER BY owner_id, workspace_id FETCH FIRST 1 ROWS ONLY
      """)
  Optional<UUID> workspaceOfUser(UUID ownerId);

  @SqlQuery("SELECT workspace_id FROM workspaces WHERE workspace_id = :workspaceId FOR UPDATE")
  Optional<UUID> lockWorkspace(UUID workspaceId);

  @SqlUpdate("DELETE FROM workspaces WHERE workspace_id = :workspaceId")
  void deleteWorkspace(UUID workspaceId);

  @SqlQuery(
      """
      SELECT agent_id AS name, CHAR_LENGTH(manifest) AS size FROM agents
      WHERE owner_id = :ownerId FETCH FIRST :limit ROWS ONLY
      """)
  List<Named> agentsOfUser(UUID ownerId, int limit);

  @SqlBatch("DELETE FROM agents WHERE agent_id = :name AND owner_id = :ownerId")
  void deleteAgents(@BindMethods Iterable<Named> agents, UUID ownerId);

  @SqlQuery(
      """
      SELECT agent_id AS name, CHAR_LENGTH(manifest) AS size FROM agents
      WHERE installed_by = :userId FETCH FIRST :limit ROWS ONLY
      """)
  List<Named> installedBy(UUID userId, int limit);

  @SqlBatch(
      "UPDATE agents SET installed_by = NULL WHERE agent_id = :name AND installed_by = :userId")
  void installedByNobody(@BindMethods Iterable<Named> agents, UUID userId);

  @SqlQuery(
      """
      SELECT last_no AS seq, OCTET_LENGTH(marks) AS size FROM mark_groups
      WHERE owner_id = :ownerId ORDER BY owner_id, last_no FETCH FIRST :limit ROWS ONLY
      """)
  List<Numbered> markGroups(UUID ownerId, int limit);

  @SqlUpdate("DELETE FROM mark_groups WHERE owner_id = :ownerId AND last_no <= :last")
  void deleteMarkGroups(UUID ownerId, long last);

  @SqlUpdate("DELETE FROM mark_groups_due WHERE owner_id = :ownerId")
  void forgetMarksOwner(UUID ownerId);

  @SqlQuery(
      """
      SELECT used_on, agent_id, model FROM usage_days
      WHERE user_id = :userId FETCH FIRST :limit ROWS ONLY
      """)
  List<UsedOn> usage(UUID userId, int limit);

  @SqlBatch(
      """
      DELETE FROM usage_days
      WHERE user_id = :userId AND used_on = :usedOn AND agent_id = :agentId AND model = :model
      """)
  void deleteUsage(@BindMethods Iterable<UsedOn> days, UUID userId);
}
