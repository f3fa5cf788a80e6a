package io.coterie.chat;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/**
 * Writes events as server-sent events (WHATWG HTML, section 9.2) without blocking a thread on a
 * slow client. Nothing is written before {@link #start}. Thread-safe.
 */
final class SseWire implements Outbox.Wire, WriteListener {

  private static final byte[] COMMENT = ":\n\n".getBytes(StandardCharsets.UTF_8);

  private enum Phase {
    IDLE,
    TO_WRITE,
    TO_FLUSH,
    FLUSHED
  }

  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private ServletOutputStream out;
  private Runnable onLost;
  private Phase phase = Phase.IDLE;
  private byte[] pending;
  private Runnable pendingDone;
  private boolean closing;
  private boolean waiting;

  /** Completes when the response is over. */
  CompletableFuture<Void> ended() {
    return ended;
  }

  /**
   * Begins to write; the request must be asynchronous by now.
   *
   * @param lost told when the client has gone
   */
  void start(ServletOutputStream stream, Runnable lost) {
    synchronized (this) {
      out = stream;
      onLost = lost;
      waiting = true;
    }
    stream.setWriteListener(this);
  }

  @Override
  public void write(ChatEvent event, Runnable done) {
    synchronized (this) {
      pending = event == ChatEvent.KEEP_ALIVE ? COMMENT : bytes(event);
      pendingDone = done;
      phase = Phase.TO_WRITE;
    }
    pump();
  }

  @Override
  public void close(CloseReason reason) {
    boolean stuck;
    synchronized (this) {
      closing = true;
      stuck = phase != Phase.IDLE;
    }
    if (stuck) {
      ended.complete(null);
    } else {
      pump();
    }
  }

  @Override
  public void onWritePossible() {
    synchronized (this) {
      waiting = false;
    }
    pump();
  }

  @Override
  public void onError(Throwable failure) {
    lost();
  }

  private void pump() {
    Runnable done;
    boolean over;
    try {
      synchronized (this) {
        done = advance();
        over = done == null && phase == Phase.IDLE && closing && isReady();
      }
    } catch (IOException | IllegalStateException e) {
      lost();
      return;
    }
    if (done != null) {
      done.run();
    } else if (over) {
      ended.complete(null);
    }
  }

  /**
   * Goes on as far as the socket takes it, Jetty calling back where it takes no more; answers whom
   * to tell at the end.
   */
  private Runnable advance() throws IOException {
    while (phase != Phase.IDLE && isReady()) {
      switch (phase) {
        case TO_WRITE -> {
          out.write(pending);
          pending = null;
          phase = Phase.TO_FLUSH;
        }
        case TO_FLUSH -> {
          out.flush();
          phase = Phase.FLUSHED;
        }
        default -> {
          phase = Phase.IDLE;
          return pendingDone;
        }
      }
    }
    return null;
  }

  private boolean isReady() {
    if (out == null || waiting || ended.isDone()) {
      return false;
    }
    waiting = !out.isReady();
    return !waiting;
  }

  private void lost() {
    onLost.run();
    ended.complete(null);
  }

  private static byte[] bytes(ChatEvent event) {
    String id = event.isStored() ? "id: " + event.seq() + "\n" : "";
    String name = event.type().isEmpty() ? "" : "event: " + event.type() + "\n";
    return (name + id + "data: " + event.data() + "\n\n").getBytes(StandardCharsets.UTF_8);
  }
}
