package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.http.Json;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Sends bytes as they are, where an HTTP client would correct or refuse them. */
public final class RawClient {

  private static final int PATIENCE_MILLIS = 20_000;

  /** An answer; header names in lower case. */
  public record Reply(int status, Map<String, String> headers, String body) {
    public JsonNode json() {
      try {
        return Json.MAPPER.readTree(body);
      } catch (IOException e) {
        throw new AssertionError("no JSON: " + body, e);
      }
    }
  }

  private RawClient() {}

  /** A GET of that target, exactly as written. */
  public static Reply get(AppFixture app, String target, String... headerLines) {
    StringBuilder head = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n");
    for (String line : headerLines) {
      head.append(line).append("\r\n");
    }
    return send(app, head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
  }

  /** A GET that asks for a WebSocket. */
  public static Reply upgrade(AppFixture app, String target) {
    return get(
        app,
        target,
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
  }

  /** Sends everything, then reads one answer. */
  public static Reply send(AppFixture app, byte[] request) {
    return send(app.port(), request);
  }

  /** As above, to any server on this machine. */
  public static Reply send(int port, byte[] request) {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(request);
      socket.getOutputStream().flush();
      return read(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Reply read(InputStream in) throws IOException {
    Reply head = readHead(in);
    byte[] body = body(in, head.headers());
    return new Reply(head.status(), head.headers(), new String(body, StandardCharsets.UTF_8));
  }

  static Reply readHead(InputStream in) throws IOException {
    String[] lines = head(in).split("\r\n");
    Map<String, String> headers = new TreeMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      headers.put(
          lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
          lines[i].substring(colon + 1).strip());
    }
    int status = Integer.parseInt(lines[0].split(" ")[1]);
    return new Reply(status, headers, "");
  }

  private static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
    if (headers.containsKey("content-length")) {
      int length = Integer.parseInt(headers.get("content-length"));
      byte[] body = in.readNBytes(length);
      if (body.length < length) {
        throw new EOFException("no whole answer: " + headers);
      }
      return body;
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    if ("chunked".equals(headers.get("transfer-encoding"))) {
      int size;
      do {
        size = Integer.parseInt(line(in), 16);
        body.write(in.readNBytes(size));
        line(in);
      } while (size > 0);
    }
    return body.toByteArray();
  }

  public static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("no whole answer");
      }
      line.append((char) b);
    }
    return line.toString().strip();
  }

  static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException("no whole answer: " + head);
      }
      head.append((char) b);
    }
    return head.toString();
  }
}
