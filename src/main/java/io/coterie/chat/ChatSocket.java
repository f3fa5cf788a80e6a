package io.coterie.chat;

import io.coterie.chat.OneTimeStrings.Grant;
import io.coterie.http.Params;
import io.coterie.http.WebSocketHandshake;
import io.javalin.http.Context;
import io.javalin.websocket.WsConfig;
import io.javalin.websocket.WsConnectContext;
import io.javalin.websocket.WsContext;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.common.WebSocketSession;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.WebSocketCoreSession;

/** Live chat over WebSocket (RFC 6455). Thread-safe. */
public final class ChatSocket {

  /** The largest frame that is read, in bytes; above it the connection is closed with 1009. */
  public static final int MAX_FRAME = 1024 * 1024;

  private static final String OPENING = "opening";
  private static final String OUTBOX = "outbox";
  private static final long CLOSE_SECONDS = 10;

  private record Opening(Grant grant, OptionalLong since) {
    UUID chatId() {
      return grant.chatId();
    }
  }

  private final ChatFeed feed;
  private final OneTimeStrings strings;
  private final ClientEvents clientEvents;
  private final ChatAccess access;
  private final Connections connections;
  private final ScheduledExecutorService timer;
  private final long maxOutbox;

  ChatSocket(
      ChatFeed feed,
      ClientEvents clientEvents,
      OneTimeStrings strings,
      ChatAccess access,
      Connections connections,
      ScheduledExecutorService timer,
      long maxOutbox) {
    this.feed = feed;
    this.strings = strings;
    this.clientEvents = clientEvents;
    this.access = access;
    this.connections = connections;
    this.timer = timer;
    this.maxOutbox = maxOutbox;
  }

  /** Answers a GET that asks for no upgrade. */
  public void upgradeRequired(Context ctx) {
    throw WebSocketHandshake.upgradeRequired();
  }

  /**
   * Lets an upgrade happen or refuses it with a plain HTTP answer. Uses the connection string up.
   */
  public void beforeUpgrade(Context ctx) {
    WebSocketHandshake.check(ctx.req());
    String chat = Params.required(ctx, "chat_id", "Missing chat id");
    String string = Params.required(ctx, "connection_string", "Missing connection string");
    OptionalLong since = ChatAccess.since(ctx);
    Grant grant = access.redeemed(chat, string, strings);
    ctx.attribute(OPENING, new Opening(grant, since));
  }

  /** What happens on the socket. */
  public void configure(WsConfig ws) {
    ws.onConnect(this::connected);
    ws.onMessage(ctx -> clientEvents.receive(opening(ctx).chatId(), ctx.message(), outbox(ctx)));
    ws.onBinaryMessage(ctx -> clientEvents.receiveBinary(outbox(ctx)));
    ws.onClose(ctx -> outbox(ctx).disconnected());
    ws.onError(ctx -> outbox(ctx).disconnected());
  }

  private void connected(WsConnectContext ctx) {
    Outbox out = new Outbox(new SocketWire(ctx.session), maxOutbox);
    ctx.attribute(OUTBOX, out);
    Opening opening = opening(ctx);
    connections.add(out, Connections.Transport.WEBSOCKET, opening.grant().holder());
    feed.follow(opening.chatId(), opening.since(), out);
  }

  private static Opening opening(WsContext ctx) {
    return ctx.attribute(OPENING);
  }

  private static Outbox outbox(WsContext ctx) {
    return ctx.attribute(OUTBOX);
  }

  private final class SocketWire implements Outbox.Wire {
    private final Session session;
    private final Connection connection;
    private long bytesHeard;

    SocketWire(Session session) {
      this.session = session;
      // Javalin does not tell of pongs; what Jetty counts has them too.
      CoreSession core = ((WebSocketSession) session).getCoreSession();
      this.connection = ((WebSocketCoreSession) core).getConnection();
    }

    @Override
    public synchronized boolean hasHeard() {
      long before = bytesHeard;
      bytesHeard = connection.getBytesIn();
      return bytesHeard != before;
    }

    @Override
    public void write(ChatEvent event, Runnable done) {
      Callback callback = Callback.from(done, failure -> session.disconnect());
      if (event == ChatEvent.KEEP_ALIVE) {
        session.sendPing(ByteBuffer.allocate(0), callback);
      } else {
        session.sendText(event.frame(), callback);
      }
    }

    @Override
    public void close(CloseReason reason) {
      if (reason == CloseReason.SILENT) {
        session.disconnect();
        return;
      }
      session.close(reason.code(), reason.text(), Callback.NOOP);
      try {
        // A client that reads nothing does not answer a close either.
        var unused =
            timer.schedule(
                () -> {
                  if (session.isOpen()) {
                    session.disconnect();
                  }
                },
                CLOSE_SECONDS,
                TimeUnit.SECONDS);
      } catch (RejectedExecutionException e) {
        session.disconnect();
      }
    }
  }
}
