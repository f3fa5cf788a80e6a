package io.coterie.socketio;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/**
 * A WebSocket, from the start or in the place of polling: then it carries nothing until the client
 * has tried it with a probe and asked for the change. Public because Jetty calls it. Thread-safe.
 */
public final class WebSocketTransport implements Transport, Session.Listener.AutoDemanding {

  private static final int NORMAL = 1000;
  private static final int POLICY = 1008;

  private final SocketIoServer server;
  private final Function<WebSocketTransport, EngineConnection> opener;
  private volatile EngineConnection connection;
  private volatile Session session;
  private volatile boolean active;
  private volatile boolean writing;
  private boolean probed;

  private WebSocketTransport(
      SocketIoServer server,
      EngineConnection connection,
      Function<WebSocketTransport, EngineConnection> opener) {
    this.server = server;
    this.connection = connection;
    this.opener = opener;
  }

  /** A connection of its own, which {@code opener} makes once the socket is open. */
  static WebSocketTransport alone(
      SocketIoServer server, Function<WebSocketTransport, EngineConnection> opener) {
    return new WebSocketTransport(server, null, opener);
  }

  /** One that may take the place of polling. */
  static WebSocketTransport upgradeOf(SocketIoServer server, EngineConnection connection) {
    return new WebSocketTransport(server, connection, null);
  }

  /** The largest packet that may come just now, in bytes. */
  int maxPayload() {
    return server.maxPayload(active ? connection.sid() : null);
  }

  @Override
  public void onWebSocketOpen(Session opened) {
    session = opened;
    if (opener != null) {
      active = true;
      connection = opener.apply(this);
    } else if (!connection.propose(this, server.nanos().getAsLong())) {
      close(POLICY, "Transport upgraded before");
    }
  }

  @Override
  public void onWebSocketText(String text) {
    try {
      EnginePacket packet = EnginePacket.parse(text);
      if (active) {
        connection.receive(packet, server.nanos().getAsLong());
      } else {
        negotiate(packet);
      }
    } catch (EnginePacket.MalformedException e) {
      refuse();
    }
  }

  @Override
  public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
    callback.succeed();
    if (active) {
      connection.receive(
          new EnginePacket(EnginePacket.Type.BINARY, ""), server.nanos().getAsLong());
    } else {
      refuse();
    }
  }

  @Override
  public void onWebSocketClose(int code, String reason, Callback callback) {
    callback.succeed();
    server.left(this);
    lost();
  }

  /** Among others of a frame that is too large: Jetty closes, and would wait for the answer. */
  @Override
  public void onWebSocketError(Throwable cause) {
    if (session != null && session.isOpen()) {
      server.leaving(this);
    }
    lost();
  }

  @Override
  public boolean isWritable() {
    return !writing;
  }

  @Override
  public boolean isPolling() {
    return false;
  }

  @Override
  public void write(List<String> packets, Runnable done) {
    writing = true;
    session.sendText(
        packets.get(0),
        Callback.from(
            () -> {
              writing = false;
              done.run();
            },
            failure -> abort()));
  }

  /** With a close frame, which a client that asked for the end takes for one. */
  @Override
  public void close() {
    close(NORMAL, "");
  }

  private void close(int code, String reason) {
    server.leaving(this);
    session.close(code, reason, Callback.NOOP);
  }

  @Override
  public void linger() {
    server.leaving(this);
  }

  @Override
  public void abort() {
    server.left(this);
    session.disconnect();
    lost();
  }

  private void negotiate(EnginePacket packet) {
    switch (packet.type()) {
      case PING -> {
        // Once: a client that reads no answers could pile them up.
        if (packet.data().equals(EnginePacket.PROBE) && !probed && connection.isCandidate(this)) {
          probed = true;
          // Told first: from then on the connection may end polls, which the client waits for.
          session.sendText(EnginePacket.pong(packet.data()), Callback.NOOP);
          connection.probed(this);
        } else {
          refuse();
        }
      }
      case UPGRADE -> {
        active = connection.upgrade(this);
        if (!active) {
          refuse();
        }
      }
      default -> refuse();
    }
  }

  private void refuse() {
    if (active) {
      connection.abort();
    } else {
      lost();
      close();
    }
  }

  private void lost() {
    EngineConnection mine = connection;
    if (mine != null) {
      mine.lost(this);
    }
  }
}
