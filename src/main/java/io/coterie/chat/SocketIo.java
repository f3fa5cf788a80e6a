package io.coterie.chat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.chat.OneTimeStrings.Grant;
import io.coterie.http.ApiException;
import io.coterie.http.Json;
import io.coterie.socketio.Namespace;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/** Live chat over Socket.IO: what is behind the namespace {@code /chat}. Thread-safe. */
public final class SocketIo implements Namespace {

  private final ChatFeed feed;
  private final OneTimeStrings strings;
  private final ClientEvents clientEvents;
  private final ChatAccess access;
  private final Connections connections;
  private final long maxOutbox;

  SocketIo(
      ChatFeed feed,
      ClientEvents clientEvents,
      OneTimeStrings strings,
      ChatAccess access,
      Connections connections,
      long maxOutbox) {
    this.feed = feed;
    this.strings = strings;
    this.clientEvents = clientEvents;
    this.access = access;
    this.connections = connections;
    this.maxOutbox = maxOutbox;
  }

  /** Lets a client in, in the words of the other transports; uses its connection string up. */
  @Override
  public Admission admit(Request request) throws RefusedException {
    try {
      String chat = required(request, "chat_id", "Missing chat id");
      String string = required(request, "connection_string", "Missing connection string");
      OptionalLong since = ChatAccess.since(request.param("since"));
      Grant grant = access.redeemed(chat, string, strings);
      return peer -> connected(grant, since, peer);
    } catch (ApiException e) {
      throw new RefusedException(e.getMessage());
    }
  }

  private Listener connected(Grant grant, OptionalLong since, Peer peer) {
    UUID chatId = grant.chatId();
    Outbox out = new Outbox(new PeerWire(peer), maxOutbox);
    connections.add(out, Connections.Transport.SOCKETIO, grant.holder());
    try {
      feed.follow(chatId, since, out);
    } catch (RuntimeException e) {
      out.abort(CloseReason.FAILED);
      throw e;
    }
    return new ChatListener(chatId, out);
  }

  private static String required(Request request, String name, String missing) {
    String value = request.param(name);
    if (value == null) {
      throw ApiException.badRequest(missing);
    }
    return value;
  }

  private final class ChatListener implements Listener {
    private final UUID chatId;
    private final Outbox out;

    ChatListener(UUID chatId, Outbox out) {
      this.chatId = chatId;
      this.out = out;
    }

    @Override
    public JsonNode event(String name, List<JsonNode> args) {
      return clientEvents.receive(chatId, name, args.isEmpty() ? null : args.get(0), out);
    }

    @Override
    public void binary() {
      clientEvents.receiveBinary(out);
    }

    @Override
    public void malformed() {
      clientEvents.receiveMalformed(out);
    }

    @Override
    public void gone() {
      out.disconnected();
    }
  }

  private record PeerWire(Peer peer) implements Outbox.Wire {

    @Override
    public void write(ChatEvent event, Runnable done) {
      if (event == ChatEvent.KEEP_ALIVE) {
        // Socket.IO has a heartbeat of its own.
        done.run();
      } else {
        peer.emit(array(event), done);
      }
    }

    /** A client that was too slow, or whose server stops, may come back and resume. */
    @Override
    public void close(CloseReason reason) {
      peer.close(reason.isForGood());
    }

    private static String array(ChatEvent event) {
      StringBuilder array = new StringBuilder(event.data().length() + 64);
      array.append("[\"").append(event.type()).append("\",");
      if (event.type().equals(Events.MESSAGE)) {
        array.append(Json.write(event.json().path("content"))).append(',');
      }
      array.append(event.data());
      if (event.isStored()) {
        array.append(',').append(event.seq());
      }
      return array.append(']').toString();
    }
  }
}
