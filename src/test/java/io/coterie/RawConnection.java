package io.coterie;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One connection on which bytes are sent as they are, and answers read one after the other. */
public final class RawConnection implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 20_000;

  private final Socket socket;
  private final InputStream in;

  private RawConnection(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  public static RawConnection to(AppFixture app) {
    try {
      return new RawConnection(new Socket("127.0.0.1", app.port()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public RawConnection send(String text) {
    return send(text.getBytes(StandardCharsets.UTF_8));
  }

  public RawConnection send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next answer. */
  public RawClient.Reply read() {
    try {
      return RawClient.read(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next answer, which has no body whatever its headers say. */
  public RawClient.Reply readHead() {
    try {
      return RawClient.readHead(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the server ends the connection now, in order. */
  public boolean ends() {
    try {
      return in.read() < 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the connection serves another request. */
  public boolean goesOn() {
    send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n");
    return read().status() == 200;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
