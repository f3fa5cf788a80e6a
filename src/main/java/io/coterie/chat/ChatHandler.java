package io.coterie.chat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.chat.OneTimeStrings.Issued;
import io.coterie.chat.OneTimeStrings.Kind;
import io.coterie.http.ApiException;
import io.coterie.http.Authentication;
import io.coterie.http.Fields;
import io.coterie.http.Json;
import io.coterie.http.Params;
import io.coterie.http.Principal;
import io.coterie.storage.Database;
import io.coterie.storage.Ids;
import io.coterie.workspace.WorkspaceViews;
import io.javalin.http.Context;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/** Chats themselves, and the one-time strings that open them. Thread-safe. */
public final class ChatHandler {

  private static final int DEFAULT_PAGE = 50;
  private static final int MAX_TITLE = 200;

  private final Database database;
  private final ChatDao chats;
  private final ChatService service;
  private final OneTimeStrings strings;
  private final ChatAccess access;
  private final WorkspaceViews workspaces;
  private final Clock clock;

  ChatHandler(
      Database database,
      ChatService service,
      OneTimeStrings strings,
      ChatAccess access,
      WorkspaceViews workspaces,
      Clock clock) {
    this.database = database;
    this.chats = database.reader(ChatDao.class);
    this.service = service;
    this.strings = strings;
    this.access = access;
    this.workspaces = workspaces;
    this.clock = clock;
  }

  public void create(Context ctx) {
    String text = Params.required(ctx, "workspace_id", "Missing workspace id");
    UUID userId = Authentication.principal(ctx).userId();
    UUID workspaceId = access.ownedWorkspace(ctx, text);
    UUID chatId = Ids.next();
    ChatRow chat = insert(chatId, workspaceId, userId);
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("msg", "Chat created successfully");
    body.put("chat", ChatView.of(chat));
    body.put(
        "workspace",
        workspaces.find(workspaceId, userId).orElseThrow(ChatAccess::workspaceNotFound));
    ctx.json(body);
  }

  private ChatRow insert(UUID chatId, UUID workspaceId, UUID userId) {
    return database.inTransaction(
        tx -> {
          ChatDao dao = tx.use(ChatDao.class);
          // It may have been deleted since it was looked up.
          if (dao.lockWorkspace(workspaceId).isEmpty()) {
            throw ChatAccess.workspaceNotFound();
          }
          dao.insert(chatId, workspaceId, userId, clock.instant());
          return dao.find(chatId).orElseThrow(ChatAccess::workspaceNotFound);
        });
  }

  public void get(Context ctx) {
    UUID chatId = access.ownedByQuery(ctx);
    ctx.json(ChatView.of(chats.find(chatId).orElseThrow(ChatService::chatNotFound)));
  }

  public void update(Context ctx) {
    Fields fields = Fields.of(ctx);
    String chat = Params.required(ctx, "chat_id", "Missing chat id");
    String title = fields.required("title", MAX_TITLE, "Missing title parameter").strip();
    service.rename(access.owned(ctx, chat), title);
    ctx.json(Map.of("msg", "Chat updated"));
  }

  public void delete(Context ctx) {
    service.delete(access.ownedByQuery(ctx));
    ctx.json(Map.of("msg", "Chat deleted successfully"));
  }

  public void ofWorkspace(Context ctx) {
    OptionalInt limit = Params.limit(ctx);
    UUID workspaceId =
        Ids.parse(ctx.pathParam("workspace_id")).orElseThrow(ChatAccess::workspaceNotFound);
    UUID owner = chats.workspaceOwner(workspaceId).orElseThrow(ChatAccess::workspaceNotFound);
    Principal user = Authentication.principal(ctx);
    if (!owner.equals(user.userId())) {
      throw ApiException.forbidden("User does not have access to the workspace");
    }
    user.requireReach(workspaceId);
    Optional<UUID> before = Params.id(ctx, "before", "Chat not found");
    Map<String, Object> body = new LinkedHashMap<>();
    if (limit.isEmpty() && before.isEmpty()) {
      body.put("chats", views(chats.ofWorkspace(workspaceId)));
    } else {
      before.ifPresent(id -> requireIn(workspaceId, id));
      int size = limit.orElse(DEFAULT_PAGE);
      List<ChatRow> page =
          chats.pageOfWorkspace(workspaceId, before.orElse(Ids.ABOVE_ALL), size + 1);
      body.put("chats", views(page.subList(0, Math.min(size, page.size()))));
      body.put("has_more", page.size() > size);
    }
    ctx.json(body);
  }

  public void authorizeConnection(Context ctx) {
    authorize(ctx, Kind.CONNECTION, "connection_string");
  }

  public void authorizeMessage(Context ctx) {
    authorize(ctx, Kind.MESSAGE, "message_string");
  }

  private void authorize(Context ctx, Kind kind, String name) {
    UUID chatId = access.ownedByQuery(ctx);
    Issued issued = strings.issue(kind, chatId, Holder.of(Authentication.principal(ctx)));
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.put(name, issued.value());
    body.set("created_at", Json.MAPPER.valueToTree(issued.grant().createdAt()));
    body.set("expires_at", Json.MAPPER.valueToTree(issued.grant().expiresAt()));
    body.put("created_by", issued.grant().holder().userId().toString());
    ctx.json(body);
  }

  private void requireIn(UUID workspaceId, UUID chatId) {
    if (chats.find(chatId).filter(chat -> chat.workspaceId().equals(workspaceId)).isEmpty()) {
      throw ChatService.chatNotFound();
    }
  }

  private static List<ChatView> views(List<ChatRow> rows) {
    return rows.stream().map(ChatView::of).toList();
  }
}
