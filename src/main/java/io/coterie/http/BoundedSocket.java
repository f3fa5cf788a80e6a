package io.coterie.http;

import java.nio.ByteBuffer;
import java.util.function.IntSupplier;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/**
 * Puts the pieces of messages together for a WebSocket that takes whole ones, within what all
 * clients together may hold: where there is no room for more, the socket whose message has been
 * arriving for the longest is closed with 1013. What is binary is not kept: nobody here reads it.
 * Thread-safe as far as Jetty needs it, which calls one method at a time.
 */
public final class BoundedSocket implements Session.Listener {

  private static final int TOO_LARGE = 1009;
  private static final int TRY_AGAIN_LATER = 1013;

  /** Bytes that a character of a growing text takes, half of its room being empty. */
  private static final int PER_CHARACTER = 4;

  private final Session.Listener endpoint;
  private final Intake intake;
  private final IntSupplier maxSize;
  private volatile Session session;
  private volatile boolean closing;
  private RequestMemory.Hold hold;
  private long size;
  private StringBuilder text; // guarded by this

  /**
   * @param maxSize how long a message may be just now, in bytes; above it, the close code is 1009
   */
  public BoundedSocket(Session.Listener endpoint, Intake intake, IntSupplier maxSize) {
    this.endpoint = endpoint;
    this.intake = intake;
    this.maxSize = maxSize;
  }

  @Override
  public void onWebSocketOpen(Session opened) {
    session = opened;
    hold = intake.memory().open(this, this::evicted);
    endpoint.onWebSocketOpen(opened);
    opened.demand();
  }

  @Override
  public void onWebSocketPartialText(String piece, boolean last) {
    boolean inOne = last && size == 0;
    if (!grows(utf8Length(piece), inOne ? 0 : PER_CHARACTER * (long) piece.length())) {
      session.demand();
    } else if (inOne) {
      whole(piece);
    } else {
      String message = append(piece, last);
      if (message != null) {
        whole(message);
      } else {
        session.demand();
      }
    }
  }

  @Override
  public void onWebSocketPartialBinary(ByteBuffer piece, boolean last, Callback callback) {
    boolean fits = grows(piece.remaining(), 0);
    callback.succeed();
    if (fits && last) {
      size = 0;
      endpoint.onWebSocketBinary(ByteBuffer.allocate(0), Callback.NOOP);
    }
    session.demand();
  }

  @Override
  public void onWebSocketClose(int code, String reason, Callback callback) {
    forget();
    endpoint.onWebSocketClose(code, reason, callback);
  }

  @Override
  public void onWebSocketError(Throwable cause) {
    forget();
    endpoint.onWebSocketError(cause);
  }

  /** The message, where this was the last of it and it did not have to give way. */
  private synchronized String append(String piece, boolean last) {
    if (closing) {
      return null;
    }
    text = text == null ? new StringBuilder() : text;
    text.append(piece);
    if (!last) {
      return null;
    }
    String message = text.toString();
    text = null;
    return hold.whole() ? message : null;
  }

  private void whole(String message) {
    long bytes = size;
    size = 0;
    intake.turns().run(bytes, () -> deliver(message));
  }

  private void deliver(String message) {
    try {
      endpoint.onWebSocketText(message);
    } finally {
      hold.release();
      session.demand();
    }
  }

  /** Counts a piece; false where the socket is closed over it, or was before. */
  private boolean grows(long bytes, long held) {
    if (closing) {
      return false;
    }
    size += bytes;
    if (size > maxSize.getAsInt()) {
      close(TOO_LARGE, "Message too large");
      endpoint.onWebSocketError(new IllegalArgumentException("Message too large"));
      return false;
    }
    if (held > 0 && !hold.grow(held)) {
      evicted();
      return false;
    }
    return true;
  }

  private void evicted() {
    close(TRY_AGAIN_LATER, "Server is busy");
  }

  private void close(int code, String reason) {
    closing = true;
    forget();
    session.close(code, reason, Callback.NOOP);
  }

  private void forget() {
    synchronized (this) {
      text = null;
    }
    hold.release();
  }

  private static long utf8Length(String piece) {
    long length = 0;
    for (int i = 0; i < piece.length(); i++) {
      char c = piece.charAt(i);
      // Half of a pair is two of its four bytes.
      length += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return length;
  }
}
