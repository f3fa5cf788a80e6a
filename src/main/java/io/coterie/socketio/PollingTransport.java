package io.coterie.socketio;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;

/**
 * Long polling: packets wait for the client's next request. A response is written without blocking
 * a thread on a slow client. Thread-safe.
 */
final class PollingTransport implements Transport {

  static final String CONTENT_TYPE = "text/plain; charset=UTF-8";

  /** A client may have read an answer, and poll again, before the server knows. */
  private static final int MAX_UNREAD = 2;

  private volatile EngineConnection connection;
  private AsyncContext poll;
  private int unread;

  /** To be called once, before the first poll. */
  void connection(EngineConnection value) {
    connection = value;
  }

  EngineConnection connection() {
    return connection;
  }

  /**
   * Takes a request that waits for packets; false where one waits already, or too many were
   * answered and not read.
   */
  boolean poll(Supplier<AsyncContext> request) {
    synchronized (this) {
      if (poll != null || unread >= MAX_UNREAD) {
        return false;
      }
      poll = request.get();
    }
    connection.flush();
    if (!connection.isOver(this)) {
      // It ended, or was upgraded, just before: nobody else would answer.
      close();
    }
    return true;
  }

  @Override
  public synchronized boolean isWritable() {
    return poll != null;
  }

  @Override
  public boolean isPolling() {
    return true;
  }

  @Override
  public void write(List<String> packets, Runnable done) {
    AsyncContext request = take();
    if (request == null) {
      // The client changed the transport with a poll under way, and these would be lost in silence.
      connection.abort();
    } else {
      answer(request, EnginePacket.payload(packets), done);
    }
  }

  /** A poll that waits is answered with nothing. */
  @Override
  public void close() {
    AsyncContext request = take();
    if (request != null) {
      answer(request, EnginePacket.NOOP, () -> {});
    }
  }

  /** Nothing is open between polls. */
  @Override
  public void linger() {
    close();
  }

  @Override
  public void abort() {
    AsyncContext request = take();
    if (request != null) {
      answer(request, EnginePacket.CLOSE, () -> {});
    }
  }

  private synchronized AsyncContext take() {
    AsyncContext request = poll;
    poll = null;
    unread += request == null ? 0 : 1;
    return request;
  }

  private void answer(AsyncContext request, String payload, Runnable done) {
    new Answer(request, payload.getBytes(StandardCharsets.UTF_8), done).begin();
  }

  private final class Answer implements WriteListener {
    private final AsyncContext request;
    private final byte[] bytes;
    private final Runnable done;
    private ServletOutputStream out;
    private boolean written;
    private boolean over;

    Answer(AsyncContext request, byte[] bytes, Runnable done) {
      this.request = request;
      this.bytes = bytes;
      this.done = done;
    }

    void begin() {
      try {
        HttpServletResponse response = (HttpServletResponse) request.getResponse();
        response.setContentType(CONTENT_TYPE);
        response.setContentLength(bytes.length);
        out = response.getOutputStream();
        out.setWriteListener(this);
      } catch (IOException | IllegalStateException e) {
        onError(e);
      }
    }

    @Override
    public void onWritePossible() throws IOException {
      while (out.isReady()) {
        if (written) {
          over();
          done.run();
          return;
        }
        written = true;
        out.write(bytes);
      }
    }

    @Override
    public void onError(Throwable failure) {
      over();
      connection.lost(PollingTransport.this);
      // The next poll may wait already.
      close();
    }

    private void over() {
      synchronized (PollingTransport.this) {
        if (over) {
          return;
        }
        over = true;
        unread--;
      }
      request.complete();
    }
  }
}
