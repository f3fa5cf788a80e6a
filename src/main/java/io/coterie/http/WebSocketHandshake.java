package io.coterie.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import java.util.regex.Pattern;

/** Whether a request really asks for a WebSocket (RFC 6455, section 4.2.1). */
public final class WebSocketHandshake {

  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9+/]{22}==");

  private WebSocketHandshake() {}

  /**
   * Lets a well-formed opening handshake pass.
   *
   * @throws ApiException 426 where it is none, 400 where its key is malformed
   */
  public static void check(HttpServletRequest request) {
    if (!"13".equals(request.getHeader("Sec-WebSocket-Version"))
        || !"websocket".equalsIgnoreCase(request.getHeader("Upgrade"))) {
      throw upgradeRequired();
    }
    String key = request.getHeader("Sec-WebSocket-Key");
    if (key == null || !KEY.matcher(key).matches()) {
      throw ApiException.badRequest("Sec-WebSocket-Key must be 16 bytes in Base64");
    }
  }

  /** What a request that is none is answered. */
  public static ApiException upgradeRequired() {
    return new ApiException(
        426,
        "Upgrade required",
        Map.of("Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Version", "13"));
  }
}
