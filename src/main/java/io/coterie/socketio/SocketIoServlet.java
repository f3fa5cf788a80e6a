package io.coterie.socketio;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.ApiException;
import io.coterie.http.BoundedSocket;
import io.coterie.http.Cors;
import io.coterie.http.Intake;
import io.coterie.http.Json;
import io.coterie.http.RequestBodies;
import io.coterie.http.WebSocketHandshake;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.jetty.ee10.websocket.server.JettyServerUpgradeRequest;
import org.eclipse.jetty.ee10.websocket.server.JettyServerUpgradeResponse;
import org.eclipse.jetty.ee10.websocket.server.JettyWebSocketServlet;
import org.eclipse.jetty.ee10.websocket.server.JettyWebSocketServletFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.UrlEncoded;

/**
 * The HTTP side of {@link SocketIoServer}: handshakes, polls, and the upgrades to WebSocket. To be
 * mapped to {@code /socket.io/*}, with asynchronous requests allowed. Thread-safe.
 */
public final class SocketIoServlet extends JettyWebSocketServlet {

  private static final long serialVersionUID = 1L;

  private static final Duration IDLE = Duration.ofSeconds(60);
  private static final String METHODS = "GET, POST, OPTIONS";

  /**
   * @param upgraded the connection that may change to this WebSocket; null for one of its own
   */
  private record Handshake(Map<String, String> query, EngineConnection upgraded) {}

  /** What the protocol answers to a request that it cannot serve. */
  private enum Refusal {
    TRANSPORT_UNKNOWN("Transport unknown"),
    SESSION_UNKNOWN("Session ID unknown"),
    BAD_METHOD("Bad handshake method"),
    BAD_REQUEST("Bad request"),
    FORBIDDEN("Forbidden"),
    UNSUPPORTED_VERSION("Unsupported protocol version");

    private final String message;

    Refusal(String message) {
      this.message = message;
    }
  }

  private final transient SocketIoServer server;
  private final transient Cors cors;
  private final transient Intake intake;

  public SocketIoServlet(SocketIoServer server, Cors cors, Intake intake) {
    this.server = server;
    this.cors = cors;
    this.intake = intake;
  }

  /** How long the body of that request may be, in bytes. */
  public static long maxBody(SocketIoServer server, Request request) {
    try {
      return server.maxPayload(query(request.getHttpURI().getQuery()).get("sid"));
    } catch (ApiException e) {
      return SocketIoServer.MAX_UNJOINED_PAYLOAD;
    }
  }

  @Override
  protected void configure(JettyWebSocketServletFactory factory) {
    factory.setIdleTimeout(IDLE);
    factory.setCreator(this::webSocket);
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    cors.apply(request, response);
    try {
      String path = request.getPathInfo();
      if (path != null && !path.equals("/")) {
        throw ApiException.notFound("Not found");
      }
      Map<String, String> query = query(request.getQueryString());
      if (request.getMethod().equals("OPTIONS")) {
        response.setStatus(204);
        response.setHeader("Allow", METHODS);
      } else if (!"4".equals(query.get("EIO"))) {
        refuse(response, Refusal.UNSUPPORTED_VERSION);
      } else if ("websocket".equals(query.get("transport"))) {
        upgrade(request, response, query);
      } else if ("polling".equals(query.get("transport"))) {
        poll(request, response, query);
      } else {
        refuse(response, Refusal.TRANSPORT_UNKNOWN);
      }
    } catch (ApiException e) {
      e.headers().forEach(response::setHeader);
      answer(response, e.status(), Json.MAPPER.createObjectNode().put("msg", e.getMessage()));
    }
  }

  private void upgrade(
      HttpServletRequest request, HttpServletResponse response, Map<String, String> query)
      throws ServletException, IOException {
    String sid = query.get("sid");
    PollingTransport polling = sid == null ? null : server.findPolling(sid);
    if (!request.getMethod().equals("GET")) {
      refuse(response, Refusal.BAD_METHOD);
    } else if (sid != null && polling == null) {
      refuse(response, server.isOpen(sid) ? Refusal.BAD_REQUEST : Refusal.SESSION_UNKNOWN);
    } else {
      WebSocketHandshake.check(request);
      EngineConnection upgraded = polling == null ? null : polling.connection();
      request.setAttribute(Handshake.class.getName(), new Handshake(query, upgraded));
      super.service(request, response);
    }
  }

  private Object webSocket(JettyServerUpgradeRequest request, JettyServerUpgradeResponse response) {
    Handshake handshake =
        (Handshake) request.getHttpServletRequest().getAttribute(Handshake.class.getName());
    WebSocketTransport socket =
        handshake.upgraded() == null
            ? WebSocketTransport.alone(server, it -> server.openWebSocket(it, handshake.query()))
            : WebSocketTransport.upgradeOf(server, handshake.upgraded());
    return new BoundedSocket(socket, intake, socket::maxPayload);
  }

  private void poll(
      HttpServletRequest request, HttpServletResponse response, Map<String, String> query)
      throws IOException {
    String sid = query.get("sid");
    String method = request.getMethod();
    response.setHeader("Cache-Control", "no-store");
    if (sid == null) {
      if (method.equals("GET")) {
        answer(response, PollingTransport.CONTENT_TYPE, server.openPolling(query));
      } else {
        refuse(response, Refusal.BAD_METHOD);
      }
      return;
    }
    PollingTransport polling = server.findPolling(sid);
    if (polling == null) {
      refuse(response, server.isOpen(sid) ? Refusal.BAD_REQUEST : Refusal.SESSION_UNKNOWN);
    } else if (method.equals("GET")) {
      if (!polling.poll(() -> async(request))) {
        refuse(response, polling.connection());
      }
    } else if (method.equals("POST")) {
      receive(request, response, polling.connection());
    } else {
      throw new ApiException(405, "Method not allowed", Map.of("Allow", METHODS));
    }
  }

  private void receive(
      HttpServletRequest request, HttpServletResponse response, EngineConnection connection)
      throws IOException {
    try {
      byte[] body = RequestBodies.take(request);
      String payload = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      if (connection.receive(new EnginePacket.Payload(payload), server.nanos().getAsLong())) {
        answer(response, PollingTransport.CONTENT_TYPE, "ok");
      } else {
        refuse(response, connection);
      }
    } catch (EnginePacket.MalformedException | CharacterCodingException e) {
      refuse(response, connection);
    } catch (ApiException e) {
      connection.abort();
      throw e;
    }
  }

  private static AsyncContext async(HttpServletRequest request) {
    AsyncContext async = request.startAsync();
    async.setTimeout(0);
    return async;
  }

  /** A client that breaks the protocol loses its connection. */
  private static void refuse(HttpServletResponse response, EngineConnection connection)
      throws IOException {
    connection.abort();
    refuse(response, Refusal.BAD_REQUEST);
  }

  private static void refuse(HttpServletResponse response, Refusal refusal) throws IOException {
    ObjectNode body =
        Json.MAPPER
            .createObjectNode()
            .put("code", refusal.ordinal())
            .put("message", refusal.message)
            .put("msg", refusal.message);
    answer(response, 400, body);
  }

  private static void answer(HttpServletResponse response, int status, ObjectNode body)
      throws IOException {
    response.setStatus(status);
    answer(response, "application/json", Json.write(body));
  }

  private static void answer(HttpServletResponse response, String contentType, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    response.setContentType(contentType);
    response.setContentLength(bytes.length);
    response.getOutputStream().write(bytes);
  }

  /** Of the URL alone: a body is never taken for parameters. The first value of a name counts. */
  private static Map<String, String> query(String text) {
    Map<String, String> query = new HashMap<>();
    if (text != null) {
      try {
        UrlEncoded.decodeTo(text, query::putIfAbsent, StandardCharsets.UTF_8);
      } catch (IllegalArgumentException e) {
        throw ApiException.badRequest("Bad request");
      }
    }
    return query;
  }
}
