package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A client of one chat over one connection, of whatever transport: what {@link
 * LiveTransport#connect} answers. Events have the form that they have over WebSocket, {@code
 * {"event","seq","data"}}. Thread-safe.
 */
public abstract class LiveClient implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 20;

  private final Consumer<JsonNode> onEvent;
  private final List<JsonNode> received = new ArrayList<>();
  private boolean over;
  private boolean ended;

  /**
   * @param onEvent told of each event, one at a time; where null, events are kept for {@link
   *     #received}
   */
  protected LiveClient(Consumer<JsonNode> onEvent) {
    this.onEvent = onEvent == null ? received::add : onEvent;
  }

  /** Breaks the TCP connection with a reset. No event is told of once this has returned. */
  public final void cut() {
    synchronized (this) {
      over = true;
    }
    abort();
  }

  /** Leaves in the way of the transport. No event is told of once this has returned. */
  @Override
  public final void close() {
    synchronized (this) {
      over = true;
    }
    leave();
  }

  /** What came so far, where nobody else is told. */
  public final synchronized List<JsonNode> received() {
    return List.copyOf(received);
  }

  /** Waits for an event that fits, counting those already there; answers the first. */
  public final synchronized JsonNode await(Predicate<JsonNode> wanted) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    for (int seen = 0; true; seen++) {
      while (seen == received.size()) {
        if (ended) {
          throw new AssertionError("ended before it came; there is: " + received);
        }
        pause(end);
      }
      if (wanted.test(received.get(seen))) {
        return received.get(seen);
      }
    }
  }

  /** Waits for an event of that type. */
  public final JsonNode await(String type) {
    return await(event -> event.path("event").asText().equals(type));
  }

  /** Waits until the server has ended the connection, or it is broken. */
  public final synchronized void awaitEnd() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!ended) {
      pause(end);
    }
  }

  /** Waits for the end of the connection, at most that long; answers whether it came. */
  public final synchronized boolean awaitEnd(long millis) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (!ended) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        return false;
      }
      waitAtMost(left);
    }
    return true;
  }

  /** Writes in the chat. Not every transport can. */
  public void post(String text, String messageString) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Reads nothing until {@link #goOn}, and answers no ping. Not every transport can. */
  public void stall() {
    throw new UnsupportedOperationException();
  }

  /** Reads again. */
  public void goOn() {
    throw new UnsupportedOperationException();
  }

  /** The code with which the server closed; 0 for none, or where the transport has none. */
  public int closeCode() {
    return 0;
  }

  /** Resets the TCP connection. */
  protected abstract void abort();

  /** Says goodbye where the transport has one, and closes. */
  protected abstract void leave();

  /** For the transport: an event has come. */
  protected final synchronized void deliver(JsonNode event) {
    if (!over) {
      onEvent.accept(event);
      notifyAll();
    }
  }

  /** For the transport: nothing more will come. */
  protected final synchronized void ended() {
    ended = true;
    notifyAll();
  }

  /** For the transport: works on a daemon thread, to the end of which nothing more will come. */
  protected final void start(Runnable work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } finally {
                ended();
              }
            },
            "live-client");
    thread.setDaemon(true);
    thread.start();
  }

  private void pause(long end) {
    long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    if (left <= 0) {
      throw new AssertionError("Waited in vain; there is: " + received);
    }
    waitAtMost(left);
  }

  private synchronized void waitAtMost(long millis) {
    try {
      wait(millis);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
