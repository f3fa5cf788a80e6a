package io.coterie.chat;

import io.coterie.AppFixture;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** An opening handshake of RFC 6455, written by hand so that a refusal can be read as it came. */
record Handshake(int status, List<String> head, String body) {

  private static final List<String> UPGRADE =
      List.of(
          "Connection: Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");

  /** Asks for an upgrade with that query. */
  static Handshake attempt(AppFixture app, String query) {
    return request(app, query, UPGRADE);
  }

  /** Asks with those headers. */
  static Handshake request(AppFixture app, String query, List<String> headers) {
    try (Socket socket = open(app, query, headers, 65_536)) {
      return read(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A socket that has asked for an upgrade and has read nothing yet. */
  static Socket open(AppFixture app, String query, int receiveBuffer) throws IOException {
    return open(app, query, UPGRADE, receiveBuffer);
  }

  private static Socket open(AppFixture app, String query, List<String> headers, int receiveBuffer)
      throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(receiveBuffer);
    socket.setSoTimeout(20_000);
    socket.connect(new InetSocketAddress("127.0.0.1", app.port()));
    String request =
        String.join(
            "\r\n",
            Stream.of(
                    List.of("GET /chat/connect?" + query + " HTTP/1.1", "Host: localhost"),
                    headers,
                    List.of("", ""))
                .flatMap(List::stream)
                .toList());
    socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
    return socket;
  }

  /** Reads an answer's head, and its body as long as Content-Length says. */
  static Handshake read(InputStream in) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("ended early: " + text);
      }
      text.append((char) next);
    }
    List<String> head = Arrays.asList(text.toString().split("\r\n"));
    int length =
        head.stream()
            .filter(line -> line.regionMatches(true, 0, "Content-Length:", 0, 15))
            .mapToInt(line -> Integer.parseInt(line.substring(15).trim()))
            .findFirst()
            .orElse(0);
    String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    return new Handshake(Integer.parseInt(head.get(0).split(" ")[1]), head, body);
  }
}
