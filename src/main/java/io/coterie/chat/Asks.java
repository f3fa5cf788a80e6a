package io.coterie.chat;

import io.coterie.agent.AgentChooser;
import io.coterie.chat.ChatService.Follower;
import io.coterie.chat.ChatService.Posted;
import io.coterie.http.ApiException;
import io.coterie.storage.Database;
import io.coterie.storage.Ids;
import io.coterie.storage.Tx;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Sends messages into chats that need not be there yet: what is missing is made in the transaction
 * that stores the message, so that a refused one leaves nothing behind. Thread-safe.
 */
final class Asks {

  /**
   * A message that is to be sent.
   *
   * @param workspaceId where a chat is made; null for the user's default workspace
   * @param chatId null for a new chat
   * @param agentId who answers; null for whoever would in that workspace
   */
  record Ask(UUID userId, UUID workspaceId, UUID chatId, String agentId, String text) {}

  /** What became of it, and where. */
  record Asked(Posted posted, UUID workspaceId, UUID chatId) {}

  private static final String DEFAULT_NAME = "Default";

  private final ChatService service;
  private final ChatHistory history;
  private final ChatLog log;
  private final ChatDao chats;

  Asks(Database database, ChatService service, ChatHistory history, ChatLog log) {
    this.service = service;
    this.history = history;
    this.log = log;
    this.chats = database.reader(ChatDao.class);
  }

  /**
   * Sends it.
   *
   * @throws ApiException 400 where the chat is in another workspace; 404 where chat or workspace
   *     are gone; and what {@link ChatService} throws
   */
  Asked ask(Ask ask, Follower follower) {
    return ask.chatId() == null ? inNewChat(ask, follower) : inChat(ask, follower);
  }

  private Asked inChat(Ask ask, Follower follower) {
    UUID chatId = ask.chatId();
    UUID workspaceId = chats.target(chatId).orElseThrow(ChatService::chatNotFound).workspaceId();
    if (ask.workspaceId() != null && !ask.workspaceId().equals(workspaceId)) {
      throw ApiException.badRequest("chat_id and workspace_id do not belong together");
    }
    AgentChooser.Choice choice =
        ask.agentId() == null ? history.choose(chatId, ask.text()) : only(ask.agentId());
    service.checkQuota(ask.userId(), choice);
    Posted posted = service.post(chatId, ask.text(), choice, tx -> {}, follower);
    return new Asked(posted, workspaceId, chatId);
  }

  private Asked inNewChat(Ask ask, Follower follower) {
    UUID there =
        ask.workspaceId() != null
            ? ask.workspaceId()
            : chats.oldestWorkspace(ask.userId()).orElse(null);
    AgentChooser.Choice choice =
        ask.agentId() == null
            ? history.chooseIn(there, ask.userId(), ask.text())
            : only(ask.agentId());
    service.checkQuota(ask.userId(), choice);
    UUID chatId = Ids.next();
    AtomicReference<UUID> made = new AtomicReference<>(there);
    Posted posted =
        service.post(chatId, ask.text(), choice, tx -> make(tx, ask, chatId, made), follower);
    return new Asked(posted, made.get(), chatId);
  }

  /** Makes the chat; the lock keeps two first calls from making two default workspaces. */
  private void make(Tx tx, Ask ask, UUID chatId, AtomicReference<UUID> workspaceId) {
    ChatDao dao = tx.use(ChatDao.class);
    if (dao.lockEnabledUser(ask.userId()).isEmpty()) {
      throw ApiException.unauthorized("Token has been revoked");
    }
    if (workspaceId.get() == null) {
      workspaceId.set(defaultWorkspace(dao, ask.userId()));
    }
    // It may have been deleted since it was looked up.
    if (dao.lockWorkspace(workspaceId.get()).isEmpty()) {
      throw ChatAccess.workspaceNotFound();
    }
    dao.insert(chatId, workspaceId.get(), ask.userId(), log.now());
  }

  private UUID defaultWorkspace(ChatDao dao, UUID userId) {
    return dao.oldestWorkspace(userId)
        .orElseGet(
            () -> {
              UUID workspaceId = Ids.next();
              dao.insertWorkspace(workspaceId, userId, DEFAULT_NAME, log.now());
              return workspaceId;
            });
  }

  private static AgentChooser.Choice only(String agentId) {
    return new AgentChooser.Choice(agentId, List.of());
  }
}
