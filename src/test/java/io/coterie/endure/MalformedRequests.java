package io.coterie.endure;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Requests that are refused, each for a reason of its own. */
final class MalformedRequests {

  private MalformedRequests() {}

  /** All of them; those that need somebody to be logged in carry the token. */
  static List<String> all(String token) {
    List<String> all = new ArrayList<>();
    for (String target :
        List.of("/%zz", "/%00", "/chat?chat_id=%ff%fe", "/nowhere", "/../../etc/passwd", "/chat")) {
      all.add(head("GET", target, token) + "\r\n");
    }
    all.add(head("BREW", "/ping", token) + "\r\n");
    all.add(head("GET", "/ping", token) + "X-Long: " + "x".repeat(20_000) + "\r\n\r\n");
    all.add("GET /ping HTTP/3.0\r\nHost: localhost\r\n\r\n");
    all.add(head("POST", "/workspace", token) + "Content-Length: many\r\n\r\n");
    all.add(head("POST", "/register", token) + "Transfer-Encoding: chunked\r\n\r\nzz\r\n");
    for (String body :
        List.of(
            "",
            "[]",
            "{\"email\":",
            "{\"email\":7,\"password\":[]}",
            "{\"email\":\"\\ud800@example.com\",\"password\":\"x\"}",
            "{\"email\":\"nobody\",\"password\":\"x\"}",
            "[".repeat(5_000))) {
      all.add(with("POST", "/register", token, body));
      all.add(with("POST", "/chat/message", token, body));
      all.add(with("POST", "/v1/chat/completions", token, body));
    }
    all.add(with("POST", "/chat/message", token, "{\"chat_id\":\"no-id\",\"message\":\"Hi\"}"));
    all.add(with("POST", "/chat/ask", token, "{\"message\":\"" + "y".repeat(100_001) + "\"}"));
    all.add(with("PUT", "/chat?chat_id=7", token, "{\"title\":\"\\u0000\"}"));
    all.add(head("GET", "/chat/search?query=x&limit=0", token) + "\r\n");
    all.add(head("GET", "/chat/messages?chat_id=x&limit=9999", token) + "\r\n");
    return all;
  }

  private static String with(String method, String target, String token, String body) {
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    return head(method, target, token) + "Content-Length: " + length + "\r\n\r\n" + body;
  }

  private static String head(String method, String target, String token) {
    return method
        + " "
        + target
        + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer "
        + token
        + "\r\n";
  }
}
