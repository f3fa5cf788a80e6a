package io.coterie.socketio;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one client says in Socket.IO, over its connection. It may join one namespace. Thread-safe.
 */
final class SocketIoConnection implements Receiver {

  private record Joined(String namespace, Namespace.Listener listener) {}

  private static final Logger log = LoggerFactory.getLogger(SocketIoConnection.class);

  private final SocketIoServer server;
  private final EngineConnection connection;
  private final Map<String, Namespace> namespaces;
  private final Map<String, String> query;
  private Joined joined;
  private int attachments;
  private boolean ended;

  SocketIoConnection(
      SocketIoServer server,
      EngineConnection connection,
      Map<String, Namespace> namespaces,
      Map<String, String> query) {
    this.server = server;
    this.connection = connection;
    this.namespaces = namespaces;
    this.query = query;
  }

  @Override
  public void text(String message) {
    Joined now = joined();
    try {
      SocketPacket packet = SocketPacket.parse(message);
      switch (packet.type()) {
        case CONNECT -> connect(packet);
        case DISCONNECT -> disconnect(packet);
        case EVENT -> event(packet, now);
        case BINARY_EVENT, BINARY_ACK -> {
          attachments += packet.attachments();
          joinedTo(packet, now).listener().binary();
        }
        case ACK, CONNECT_ERROR -> joinedTo(packet, now).listener().malformed();
      }
    } catch (SocketPacket.MalformedException e) {
      if (now == null) {
        connection.abort();
      } else {
        now.listener().malformed();
      }
    }
  }

  @Override
  public void binary() {
    Joined now = joined();
    if (now == null) {
      connection.abort();
    } else if (attachments > 0) {
      // Its packet was refused already.
      attachments--;
    } else {
      now.listener().binary();
    }
  }

  @Override
  public void ended() {
    Joined left;
    synchronized (this) {
      ended = true;
      left = joined;
      joined = null;
    }
    if (left != null) {
      left.listener().gone();
    }
  }

  private void connect(SocketPacket packet) {
    String name = packet.namespace();
    try {
      Namespace namespace = namespaces.get(name);
      if (namespace == null) {
        throw new Namespace.RefusedException("Invalid namespace");
      }
      if (joined() != null) {
        throw new Namespace.RefusedException("Already connected");
      }
      ObjectNode auth =
          packet.data() instanceof ObjectNode object ? object : Json.MAPPER.createObjectNode();
      Namespace.Admission admission = namespace.admit(new Namespace.Request(query, auth));
      connection.send(EnginePacket.message(SocketPacket.connected(name, server.newId())));
      server.joined(connection, true);
      join(name, admission);
    } catch (Namespace.RefusedException e) {
      connection.send(EnginePacket.message(SocketPacket.connectError(name, e.getMessage())));
    } catch (RuntimeException e) {
      log.error("A client could not connect to {}", name, e);
      server.joined(connection, false);
      connection.send(
          EnginePacket.message(SocketPacket.connectError(name, "Internal server error")));
    }
  }

  private void join(String name, Namespace.Admission admission) {
    Namespace.Listener listener = admission.connected(new PeerOf(name));
    boolean late;
    synchronized (this) {
      late = ended;
      if (!late) {
        joined = new Joined(name, listener);
      }
    }
    if (late) {
      listener.gone();
    }
  }

  private void disconnect(SocketPacket packet) {
    Joined left;
    synchronized (this) {
      if (joined == null || !joined.namespace().equals(packet.namespace())) {
        return;
      }
      left = joined;
      joined = null;
    }
    left.listener().gone();
    server.joined(connection, false);
  }

  private void event(SocketPacket packet, Joined now) throws SocketPacket.MalformedException {
    Joined to = joinedTo(packet, now);
    if (!(packet.data() instanceof ArrayNode array)
        || array.isEmpty()
        || !array.get(0).isTextual()) {
      throw new SocketPacket.MalformedException("An event is an array that begins with its name");
    }
    List<JsonNode> args = new ArrayList<>();
    array.forEach(args::add);
    JsonNode answer = to.listener().event(array.get(0).textValue(), args.subList(1, args.size()));
    if (packet.id() != null) {
      String values = Json.write(Json.MAPPER.createArrayNode().add(answer));
      connection.send(
          EnginePacket.message(
              SocketPacket.acknowledgement(packet.namespace(), packet.id(), values)));
    }
  }

  /** A packet for a namespace that its client has not joined breaks the protocol. */
  private static Joined joinedTo(SocketPacket packet, Joined now)
      throws SocketPacket.MalformedException {
    if (now == null || !now.namespace().equals(packet.namespace())) {
      throw new SocketPacket.MalformedException("Not connected to that namespace");
    }
    return now;
  }

  private synchronized Joined joined() {
    return joined;
  }

  private final class PeerOf implements Namespace.Peer {
    private final String namespace;

    PeerOf(String namespace) {
      this.namespace = namespace;
    }

    @Override
    public void emit(String array, Runnable done) {
      connection.send(EnginePacket.message(SocketPacket.event(namespace, array)), done);
    }

    @Override
    public void close(boolean forGood) {
      if (forGood) {
        connection.send(EnginePacket.message(SocketPacket.disconnect(namespace)));
      }
      connection.close(server.nanos().getAsLong(), forGood);
    }
  }
}
