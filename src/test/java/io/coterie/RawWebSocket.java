package io.coterie;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A WebSocket (RFC 6455) frame by frame, as no library would let a test have it: nothing is
 * answered by itself. Sending is thread-safe; one thread reads.
 */
public final class RawWebSocket {

  public static final int CONTINUATION = 0;
  public static final int TEXT = 1;
  public static final int BINARY = 2;
  public static final int CLOSE = 8;
  public static final int PING = 9;
  public static final int PONG = 10;

  /** A frame of the server. */
  public record Frame(boolean last, int opcode, byte[] payload) {

    public String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    /** The code of a close frame; 1005 where it has none. */
    public int closeCode() {
      return payload.length < 2 ? 1005 : Short.toUnsignedInt(ByteBuffer.wrap(payload).getShort());
    }
  }

  private final WireSocket socket;
  private final InputStream in;

  /**
   * Connects.
   *
   * @throws IOException also where the server refuses the upgrade
   */
  public RawWebSocket(AppFixture app, String query) throws IOException {
    this(app.port(), "/chat/connect?" + query);
  }

  /** As above, to any path. */
  RawWebSocket(int port, String target) throws IOException {
    socket = WireSocket.connect(port);
    in = new BufferedInputStream(socket.getInputStream(), 16_384);
    try {
      socket.getOutputStream().write(opening(target).getBytes(StandardCharsets.UTF_8));
      RawClient.Reply reply = RawClient.read(in);
      if (reply.status() != 101) {
        throw new IOException("refused: " + reply);
      }
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** A request for an upgrade. */
  public static String opening(String target) {
    return "GET "
        + target
        + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  }

  public WireSocket socket() {
    return socket;
  }

  /** Waits for the next frame. */
  public Frame read() throws IOException {
    int first = byteOf(in);
    long length = byteOf(in) & 0x7f;
    if (length == 126) {
      length = number(2);
    } else if (length == 127) {
      length = number(8);
    }
    byte[] payload = in.readNBytes(Math.toIntExact(length));
    if (payload.length < length) {
      throw new EOFException();
    }
    return new Frame((first & 0x80) != 0, first & 0x0f, payload);
  }

  /** Waits for the next frame of that kind, passing over others. */
  public Frame read(int opcode) throws IOException {
    Frame frame = read();
    while (frame.opcode() != opcode) {
      frame = read();
    }
    return frame;
  }

  public void sendText(String text) throws IOException {
    send(true, TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Sends one frame, with a mask that hides nothing. */
  public synchronized void send(boolean last, int opcode, byte[] payload) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream(payload.length + 14);
    frame.write((last ? 0x80 : 0) | opcode);
    if (payload.length < 126) {
      frame.write(0x80 | payload.length);
    } else if (payload.length < 65_536) {
      frame.write(0x80 | 126);
      frame.write(payload.length >> 8);
      frame.write(payload.length);
    } else {
      frame.write(0x80 | 127);
      frame.write(ByteBuffer.allocate(8).putLong(payload.length).array());
    }
    frame.write(new byte[4]);
    frame.write(payload);
    socket.getOutputStream().write(frame.toByteArray());
  }

  /** Says goodbye with that code and waits for nothing. */
  public void sendClose(int code) throws IOException {
    send(true, CLOSE, ByteBuffer.allocate(2).putShort((short) code).array());
  }

  private long number(int bytes) throws IOException {
    long number = 0;
    for (int i = 0; i < bytes; i++) {
      number = number << 8 | byteOf(in);
    }
    return number;
  }

  private static int byteOf(InputStream in) throws IOException {
    int next = in.read();
    if (next < 0) {
      throw new EOFException();
    }
    return next;
  }
}
