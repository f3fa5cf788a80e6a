package io.coterie.chat;

import io.coterie.http.ApiException;
import io.coterie.http.Authentication;
import io.coterie.http.Params;
import io.coterie.http.Principal;
import io.coterie.storage.Database;
import io.coterie.storage.Ids;
import io.javalin.http.Context;
import java.util.OptionalLong;
import java.util.UUID;

/** Who may use a chat, with the answers that every chat route gives. Thread-safe. */
final class ChatAccess {

  private static final UUID NO_CHAT = new UUID(0, 0);

  private final ChatDao chats;

  ChatAccess(Database database) {
    this.chats = database.reader(ChatDao.class);
  }

  /**
   * The chat that the query names, if the user owns it and the key, if any, reaches it: 400, 404,
   * 401 or 403 else.
   */
  UUID ownedByQuery(Context ctx) {
    return owned(ctx, Params.required(ctx, "chat_id", "Missing chat id"));
  }

  /**
   * The chat of that id, if the user owns it and the key, if any, reaches it: 404, 401 or 403 else.
   */
  UUID owned(Context ctx, String text) {
    UUID chatId = Ids.parse(text).orElseThrow(ChatService::chatNotFound);
    ChatDao.Home home = chats.home(chatId).orElseThrow(ChatService::chatNotFound);
    Principal user = Authentication.principal(ctx);
    if (!home.ownerId().equals(user.userId())) {
      throw ApiException.unauthorized("User is not the owner of the chat");
    }
    user.requireReach(home.workspaceId());
    return chatId;
  }

  /**
   * The workspace of that id, if the user owns it, so that chats may be made in it, and the key, if
   * any, reaches it: 404, 401 or 403 else.
   */
  UUID ownedWorkspace(Context ctx, String text) {
    UUID workspaceId = Ids.parse(text).orElseThrow(ChatAccess::workspaceNotFound);
    UUID owner = chats.workspaceOwner(workspaceId).orElseThrow(ChatAccess::workspaceNotFound);
    Principal user = Authentication.principal(ctx);
    if (!owner.equals(user.userId())) {
      throw ApiException.unauthorized("User is not the owner of the workspace");
    }
    user.requireReach(workspaceId);
    return workspaceId;
  }

  /** 404 where there is no such chat, whoever it belongs to. */
  void requireChat(String text) {
    if (Ids.parse(text).flatMap(chats::home).isEmpty()) {
      throw ChatService.chatNotFound();
    }
  }

  /** 404 where there is no such workspace, whoever it belongs to. */
  void requireWorkspace(String text) {
    if (Ids.parse(text).flatMap(chats::workspaceOwner).isEmpty()) {
      throw workspaceNotFound();
    }
  }

  static ApiException workspaceNotFound() {
    return ApiException.notFound("Workspace not found");
  }

  /**
   * What a connection string opens, and for whom: 401 for a bad string, 404 where the chat is gone.
   */
  OneTimeStrings.Grant redeemed(String chat, String string, OneTimeStrings strings) {
    UUID chatId = Ids.parse(chat).orElse(NO_CHAT);
    OneTimeStrings.Grant grant =
        strings
            .redeem(OneTimeStrings.Kind.CONNECTION, chatId, string)
            .orElseThrow(() -> ApiException.unauthorized("Invalid connection string"));
    ChatDao.Owner owner = chats.owner(chatId).orElseThrow(ChatService::chatNotFound);
    if (owner.disabled() || !grant.holder().userId().equals(owner.ownerId())) {
      throw ApiException.unauthorized("Invalid connection string");
    }
    return grant;
  }

  /**
   * {@code since} from the query, or where a browser resumes its Last-Event-ID; 400 for what is no
   * number from 0.
   */
  static OptionalLong since(Context ctx) {
    String header = ctx.header("Last-Event-ID");
    return since(header != null && !header.isBlank() ? header.strip() : ctx.queryParam("since"));
  }

  /** The last number that a client has seen, from text; 400 for what is no number from 0. */
  static OptionalLong since(String text) {
    if (text == null || text.isEmpty()) {
      return OptionalLong.empty();
    }
    OptionalLong since = Params.nonNegative(text);
    if (since.isEmpty()) {
      throw ApiException.badRequest("since must be a whole number from 0");
    }
    return since;
  }
}
