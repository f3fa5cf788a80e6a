package io.coterie.socketio;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
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

  private EngineConnection connection;
  private AsyncContext poll;
  private int unread;

  /** To be called once, before the first poll. */
  void connection(EngineConnection value) {
    connection = value;
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
    if (request != null) {
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
    try {
      HttpServletResponse response = (HttpServletResponse) request.getResponse();
      byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
      response.setContentType(CONTENT_TYPE);
      response.setContentLength(bytes.length);
      ServletOutputStream out = response.getOutputStream();
      out.setWriteListener(new Answer(request, out, bytes, done));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class Answer implements WriteListener {
    private final AsyncContext request;
    private final ServletOutputStream out;
    private final byte[] bytes;
    private final Runnable done;
    private boolean written;

    Answer(AsyncContext request, ServletOutputStream out, byte[] bytes, Runnable done) {
      this.request = request;
      this.out = out;
      this.bytes = bytes;
      this.done = done;
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
    }

    private void over() {
      synchronized (PollingTransport.this) {
        unread--;
      }
      request.complete();
    }
  }
}
