package io.coterie.chat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits to be written to one client. Bounded: a client that reads too slowly is cut off, can
 * resume, and nobody waits for it. One write is under way at a time. Thread-safe; neither {@link
 * #offer} nor {@link #close} blocks.
 */
final class Outbox {

  /** The client's end of a transport. */
  interface Wire {
    /**
     * Begins to write; {@code done} is called once it is written, also on this thread. A failed
     * write calls nothing.
     */
    void write(ChatEvent event, Runnable done);

    /** Ends the connection, also while a write is under way. Called once. */
    void close(CloseReason reason);

    /**
     * Whether the client has given a sign of life since this was last asked; true where the
     * transport has none to give.
     */
    default boolean hasHeard() {
      return true;
    }
  }

  private static final Logger log = LoggerFactory.getLogger(Outbox.class);

  /** How often a client may be silent when it is asked for a sign of life. */
  private static final int MAX_UNANSWERED = 4;

  private final Wire wire;
  private final long maxChars;
  private final Deque<ChatEvent> queue = new ArrayDeque<>();
  private long queuedChars;
  private boolean writing;
  private CloseReason closing;
  private boolean closed;
  private int unanswered;
  private Runnable onDrained;
  private final List<Runnable> onClosed = new ArrayList<>();

  /**
   * @param maxChars how much may wait, in UTF-16 units of JSON
   */
  Outbox(Wire wire, long maxChars) {
    this.wire = wire;
    this.maxChars = maxChars;
  }

  /** Adds an event, or cuts the client off where it has too many waiting. */
  void offer(ChatEvent event) {
    add(event, false);
  }

  /** Adds an event whatever waits already: for catching up, which waits between its pages. */
  void force(ChatEvent event) {
    add(event, true);
  }

  /**
   * To be called now and then: writes something to an idle connection, and ends one whose client
   * has let several of these pass in silence, which is how a host that has vanished shows.
   */
  void keepAlive() {
    boolean heard = wire.hasHeard();
    boolean gone;
    synchronized (this) {
      unanswered = heard ? 0 : unanswered;
      gone = unanswered == MAX_UNANSWERED;
      if (!gone && (writing || !queue.isEmpty())) {
        return;
      }
      unanswered++;
    }
    if (gone) {
      abort(CloseReason.SILENT);
    } else {
      add(ChatEvent.KEEP_ALIVE, true);
    }
  }

  /**
   * Calls {@code action} once, when everything has been written. It runs on the writer's thread.
   */
  void whenDrained(Runnable action) {
    synchronized (this) {
      if (closed) {
        return;
      }
      onDrained = action;
      if (writing) {
        return;
      }
      writing = true;
    }
    drain();
  }

  /** Calls {@code action} once, when the connection has ended, for whatever reason. */
  void whenClosed(Runnable action) {
    synchronized (this) {
      if (!closed) {
        onClosed.add(action);
        return;
      }
    }
    action.run();
  }

  /** Ends the connection after what waits has been written. */
  void close(CloseReason reason) {
    boolean now;
    synchronized (this) {
      if (closed || closing != null) {
        return;
      }
      closing = reason;
      now = !writing && queue.isEmpty();
    }
    if (now) {
      end(reason, true);
    }
  }

  /** Ends the connection without writing what waits. */
  void abort(CloseReason reason) {
    end(reason, true);
  }

  /** The client has gone. */
  void disconnected() {
    end(CloseReason.DONE, false);
  }

  private void add(ChatEvent event, boolean evenIfFull) {
    boolean overflow = false;
    synchronized (this) {
      if (closed || closing != null) {
        return;
      }
      if (!evenIfFull && !queue.isEmpty() && queuedChars + event.data().length() > maxChars) {
        overflow = true;
      } else {
        queue.addLast(event);
        queuedChars += event.data().length();
        if (writing) {
          return;
        }
        writing = true;
      }
    }
    if (overflow) {
      end(CloseReason.TOO_SLOW, true);
    } else {
      drain();
    }
  }

  /**
   * Writes until the queue is empty or a write is still under way; that one's completion goes on.
   * What goes wrong here ends this connection and reaches nobody else.
   */
  private void drain() {
    try {
      writeWhatWaits();
    } catch (RuntimeException | Error e) {
      log.error("A connection failed", e);
      end(CloseReason.FAILED, true);
    }
  }

  private void writeWhatWaits() {
    while (true) {
      ChatEvent next;
      CloseReason reason;
      Runnable drained = null;
      synchronized (this) {
        if (closed) {
          return;
        }
        next = queue.pollFirst();
        reason = closing;
        if (next != null) {
          queuedChars -= next.data().length();
        } else if (reason == null) {
          drained = onDrained;
          onDrained = null;
          if (drained == null) {
            writing = false;
            return;
          }
        }
      }
      if (next != null) {
        Write write = new Write();
        wire.write(next, write);
        if (!write.isDoneAlready()) {
          return;
        }
      } else if (reason != null) {
        end(reason, true);
        return;
      } else {
        drained.run();
      }
    }
  }

  private void end(CloseReason reason, boolean tellClient) {
    List<Runnable> actions;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      queue.clear();
      queuedChars = 0;
      onDrained = null;
      actions = List.copyOf(onClosed);
      onClosed.clear();
    }
    try {
      if (tellClient) {
        wire.close(reason);
      }
    } catch (RuntimeException e) {
      log.warn("A connection could not be closed in order", e);
    } finally {
      actions.forEach(Runnable::run);
    }
  }

  /**
   * Completion of one write: goes on by itself only where {@link #drain} has not been able to, so
   * it never recurses.
   */
  private final class Write implements Runnable {
    private static final int STARTED = 0;
    private static final int DONE = 1;
    private static final int LEFT = 2;

    private final AtomicInteger state = new AtomicInteger(STARTED);

    @Override
    public void run() {
      if (!state.compareAndSet(STARTED, DONE) && state.compareAndSet(LEFT, DONE)) {
        drain();
      }
    }

    boolean isDoneAlready() {
      return !state.compareAndSet(STARTED, LEFT);
    }
  }
}
