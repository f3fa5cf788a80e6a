package io.coterie.chat;

import io.coterie.agent.AgentCatalog;
import io.coterie.agent.AgentChooser;
import io.coterie.chat.Asks.Ask;
import io.coterie.chat.Asks.Asked;
import io.coterie.http.Authentication;
import io.coterie.http.ErrorShape;
import io.coterie.http.Fields;
import io.coterie.http.Principal;
import io.javalin.http.Context;
import java.util.Optional;
import java.util.UUID;

/**
 * One call that chats: it makes the workspace and the chat where there are none, sends, and answers
 * with the reply as JSON, as a stream or as plain text. Headers name the chat and its workspace in
 * every form. Thread-safe.
 */
public final class AskHandler {

  private static final String CHAT = "X-Chat-Id";
  private static final String WORKSPACE = "X-Workspace-Id";

  private final Asks asks;
  private final AgentChooser agents;
  private final ChatAccess access;
  private final AnswerHandler answers;

  AskHandler(Asks asks, AgentChooser agents, ChatAccess access, AnswerHandler answers) {
    this.asks = asks;
    this.agents = agents;
    this.access = access;
    this.answers = answers;
  }

  public void ask(Context ctx) {
    Ask ask = read(ctx);
    if (SseResponse.isWanted(ctx)) {
      answers.stream(
          ctx,
          follower -> {
            Asked asked = asks.ask(ask, follower);
            name(ctx, asked);
            return asked.posted();
          });
      return;
    }
    boolean plain = ErrorShape.of(ctx) == ErrorShape.TEXT;
    Asked asked = asks.ask(ask, null);
    name(ctx, asked);
    answers.whenEnded(ctx, asked.posted(), ending -> write(ctx, asked, ending, plain));
  }

  private Ask read(Context ctx) {
    Fields fields = Fields.of(ctx);
    String text = fields.required("message", ClientEvents.MAX_MESSAGE, "Missing message parameter");
    Optional<String> workspace = fields.optional("workspace_id", Integer.MAX_VALUE);
    Optional<String> chat = fields.optional("chat_id", Integer.MAX_VALUE);
    Optional<String> agent = fields.optional("agent_id", Integer.MAX_VALUE).map(String::strip);
    workspace.ifPresent(access::requireWorkspace);
    chat.ifPresent(access::requireChat);
    Principal user = Authentication.principal(ctx);
    UUID userId = user.userId();
    if (agent.isPresent() && !agents.isInstalled(agent.get(), userId)) {
      throw AgentCatalog.notFound();
    }
    UUID workspaceId =
        workspace.map(id -> access.ownedWorkspace(ctx, id)).orElse(user.workspaceId());
    UUID chatId = chat.map(id -> access.owned(ctx, id)).orElse(null);
    return new Ask(userId, workspaceId, chatId, agent.orElse(null), text);
  }

  private static void name(Context ctx, Asked asked) {
    ctx.header(CHAT, asked.chatId().toString());
    ctx.header(WORKSPACE, asked.workspaceId().toString());
  }

  private static void write(Context ctx, Asked asked, AnswerHandler.Ending ending, boolean plain) {
    ctx.status(ending.status());
    if (plain) {
      ctx.contentType("text/plain; charset=utf-8").result(ending.text());
    } else {
      ctx.json(
          ending
              .json()
              .put("chat_id", asked.chatId().toString())
              .put("workspace_id", asked.workspaceId().toString()));
    }
  }
}
