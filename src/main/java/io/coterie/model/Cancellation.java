package io.coterie.model;

import java.util.ArrayList;
import java.util.List;

/**
 * The one switch that stops a run. It is handed down from the run to the model call, to tools and
 * to delegates, each of which registers what has to be torn down.
 *
 * <p>Thread-safe. Actions run once, on the thread that cancels; one registered after the fact runs
 * at once, on the registering thread. Actions must be quick and must not throw.
 */
public final class Cancellation {

  /** Undoes one {@link #onCancel} registration. */
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  private final List<Runnable> actions = new ArrayList<>();
  private boolean cancelled;

  /** Whether {@link #cancel} was called. */
  public synchronized boolean isCancelled() {
    return cancelled;
  }

  /** Runs {@code action} when this is cancelled, or now if it already is. */
  public Registration onCancel(Runnable action) {
    synchronized (this) {
      if (!cancelled) {
        actions.add(action);
        return () -> remove(action);
      }
    }
    action.run();
    return () -> {};
  }

  /** Cancels; further calls do nothing. */
  public void cancel() {
    List<Runnable> due;
    synchronized (this) {
      if (cancelled) {
        return;
      }
      cancelled = true;
      due = List.copyOf(actions);
      actions.clear();
    }
    due.forEach(Runnable::run);
  }

  private synchronized void remove(Runnable action) {
    actions.remove(action);
  }
}
