package io.coterie.socketio;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A socket whose bytes are the test's own, for what no client library would do. */
final class Wire implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 20_000;

  private final Socket socket = new Socket();

  private Wire(Engine engine, int receiveBuffer) {
    try {
      if (receiveBuffer > 0) {
        socket.setReceiveBufferSize(receiveBuffer);
      }
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(new InetSocketAddress("127.0.0.1", engine.port()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Wire open(Engine engine) {
    return new Wire(engine, 0);
  }

  /** One for which the kernel keeps little that was not read. */
  static Wire openNarrow(Engine engine) {
    return new Wire(engine, 4_096);
  }

  /** A request without a body; {@code path} and all before it as written. */
  Wire request(String methodAndTarget, String... headers) {
    StringBuilder head = new StringBuilder(methodAndTarget + " HTTP/1.1\r\nHost: localhost\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    return write(head.append("\r\n").toString());
  }

  Wire upgrade(String target) {
    return request(
        "GET " + target,
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
  }

  Wire write(String text) {
    return write(text.getBytes(StandardCharsets.UTF_8));
  }

  Wire write(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A frame of text up to 125 bytes, masked with zeros. */
  Wire frame(String text) {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(0x81);
    frame.write(0x80 | content.length);
    frame.writeBytes(new byte[4]);
    frame.writeBytes(content);
    return write(frame.toByteArray());
  }

  /** The head of an answer. */
  String head() {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) read());
    }
    return head.toString();
  }

  /** An answer that says how long it is. */
  PollClient.Answer answer() {
    String head = head();
    int length = 0;
    for (String line : head.split("\r\n")) {
      if (line.regionMatches(true, 0, "Content-Length:", 0, 15)) {
        length = Integer.parseInt(line.substring(15).strip());
      }
    }
    try {
      byte[] body = socket.getInputStream().readNBytes(length);
      int status = Integer.parseInt(head.split(" ")[1]);
      return new PollClient.Answer(status, new String(body, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads until the server closes or resets the connection; fails where it does not. */
  void awaitEnd() {
    byte[] buffer = new byte[1 << 16];
    try {
      InputStream in = socket.getInputStream();
      while (in.read(buffer) >= 0) {
        continue;
      }
    } catch (java.net.SocketTimeoutException e) {
      throw new AssertionError("the connection stays", e);
    } catch (IOException e) {
      // Reset: an end as well.
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int read() {
    try {
      int b = socket.getInputStream().read();
      if (b < 0) {
        throw new AssertionError("the connection ended");
      }
      return b;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
