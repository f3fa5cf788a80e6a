package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture.Login;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The ways to follow a chat. What is proved for all of them is proved by a test with this as its
 * parameter; a further transport is one more constant and one more {@link LiveClient}.
 */
public enum LiveTransport {
  WEB_SOCKET {
    @Override
    public LiveClient connect(
        int port,
        String token,
        String string,
        String chat,
        Long since,
        Consumer<JsonNode> onEvent) {
      return new LiveSocket(port, query(chat, string, since), onEvent);
    }

    @Override
    public String opening(String query) {
      return RawWebSocket.opening("/chat/connect?" + query);
    }
  },
  SSE {
    @Override
    public LiveClient connect(
        int port,
        String token,
        String string,
        String chat,
        Long since,
        Consumer<JsonNode> onEvent) {
      return new LiveStream(port, opening(query(chat, string, since)), onEvent);
    }

    @Override
    public String opening(String query) {
      return "GET /chat/events?" + query + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }
  },
  POLLING {
    @Override
    public LiveClient connect(
        int port,
        String token,
        String string,
        String chat,
        Long since,
        Consumer<JsonNode> onEvent) {
      return new LivePolling(port, token, chat, since, onEvent);
    }

    @Override
    public String opening(String query) {
      return "GET /chat/events?poll=1&" + query + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }

    @Override
    public boolean streams() {
      return false;
    }
  },
  SOCKET_IO {
    @Override
    public LiveClient connect(
        int port,
        String token,
        String string,
        String chat,
        Long since,
        Consumer<JsonNode> onEvent) {
      return new LiveSocketIo(port, query(chat, string, since), onEvent);
    }

    @Override
    public String opening(String query) {
      return RawWebSocket.opening(SocketIoPackets.PATH + "websocket&" + query);
    }

    @Override
    public boolean refuses(AppFixture app, String query) {
      return isRefused(() -> new LiveSocketIo(app.port(), query, null));
    }
  },
  SOCKET_IO_POLLING {
    @Override
    public LiveClient connect(
        int port,
        String token,
        String string,
        String chat,
        Long since,
        Consumer<JsonNode> onEvent) {
      return new LiveSocketIoPolling(port, query(chat, string, since), onEvent);
    }

    @Override
    public String opening(String query) {
      return "GET "
          + SocketIoPackets.PATH
          + "polling&"
          + query
          + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }

    @Override
    public boolean refuses(AppFixture app, String query) {
      return isRefused(() -> new LiveSocketIoPolling(app.port(), query, null));
    }
  };

  /**
   * Connects to that port of this machine.
   *
   * @param string a connection string; unused where {@link #usesString} is false
   * @param since the last number seen; null for none
   * @param onEvent told of each event, one at a time; where null, the client keeps them
   * @throws java.io.UncheckedIOException where the server refuses
   */
  public abstract LiveClient connect(
      int port, String token, String string, String chat, Long since, Consumer<JsonNode> onEvent);

  /** As above, with a fresh connection string where the transport takes one. */
  public LiveClient connect(
      AppFixture app, Login user, String chat, Long since, Consumer<JsonNode> onEvent) {
    String string = usesString() ? app.connectionString(user, chat) : null;
    return connect(app.port(), user.token(), string, chat, since, onEvent);
  }

  /** As above, keeping the events. */
  public LiveClient connect(AppFixture app, Login user, String chat, Long since) {
    return connect(app, user, chat, since, null);
  }

  /** The bytes of the first request, as text, with that query. */
  public abstract String opening(String query);

  /** Whether a first request with that query is refused. */
  public boolean refuses(AppFixture app, String query) {
    return RawClient.send(app, opening(query).getBytes(StandardCharsets.UTF_8)).status() >= 400;
  }

  /** Whether each delta is told as it comes; else replies in progress are told of now and then. */
  public boolean streams() {
    return true;
  }

  /** Whether a connection string opens it; else the token does. */
  public boolean usesString() {
    return this != POLLING;
  }

  private static boolean isRefused(Supplier<LiveClient> connect) {
    try (LiveClient client = connect.get()) {
      return false;
    } catch (SocketIoPackets.ConnectError e) {
      return true;
    }
  }

  /** The query that opens a connection. */
  public static String query(String chat, String connectionString, Long since) {
    return "chat_id="
        + chat
        + "&connection_string="
        + connectionString
        + (since == null ? "" : "&since=" + since);
  }
}
