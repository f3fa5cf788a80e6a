package io.coterie.storage;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/**
 * The open connections of the database, each with the DAOs that have been used on it: making those
 * anew for each call, as Jdbi's {@code onDemand} does, costs more than most queries. A thread that
 * holds a session gets the same one again, so that nested calls cannot starve each other.
 * Thread-safe.
 */
final class SessionPool implements AutoCloseable {

  /** A connection in the hands of one thread. */
  static final class Session implements Tx {
    private final Handle handle;
    private final Map<Class<?>, Object> daos = new HashMap<>();

    private Session(Handle handle) {
      this.handle = handle;
    }

    Handle handle() {
      return handle;
    }

    @Override
    public <D> D use(Class<D> dao) {
      return dao.cast(daos.computeIfAbsent(dao, handle::attach));
    }
  }

  /** Where connections come from. */
  interface Source {
    /**
     * A new one.
     *
     * @throws IllegalStateException where the database is no longer what it was
     */
    Handle connect();
  }

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** How long somebody may wait for a session after the pool was closed. */
  private static final int LOOK_MILLIS = 100;

  private final Source source;
  private final int size;
  private final AtomicInteger opened = new AtomicInteger();
  private final BlockingQueue<Session> idle = new LinkedBlockingQueue<>();
  private final ThreadLocal<Session> held;
  private volatile boolean closed;

  /**
   * @param size how many connections there may be at once
   * @param held the session that a thread has, of this pool or of one before it
   */
  SessionPool(Source source, int size, ThreadLocal<Session> held) {
    this.source = source;
    this.size = size;
    this.held = held;
  }

  /** Runs {@code work} with a session: the one this thread holds already, or one of its own. */
  <T> T with(Function<Session, T> work) {
    Session session = held.get();
    if (session != null) {
      return work.apply(session);
    }
    session = take();
    held.set(session);
    try {
      return work.apply(session);
    } catch (JdbiException e) {
      throw StatementFailure.of(e);
    } finally {
      held.remove();
      giveBack(session);
    }
  }

  /** How many are held by a thread. */
  int used() {
    return Math.max(0, opened.get() - idle.size());
  }

  /** Closes the sessions that nobody holds, and each other one when it is given back. */
  @Override
  public void close() {
    synchronized (source) {
      closed = true;
    }
    Session session;
    while ((session = idle.poll()) != null) {
      close(session);
    }
  }

  private static void close(Session session) {
    try {
      session.handle.close();
    } catch (JdbiException e) {
      // Its database is closed already.
    }
  }

  /** Calls a method of a DAO. */
  <D> Object call(Class<D> dao, Method method, Object[] args) throws Throwable {
    method.setAccessible(true); // DAOs are visible in their own package alone
    try {
      return with(session -> invoke(method, session.use(dao), args));
    } catch (CallFailure e) {
      throw e.getCause();
    }
  }

  private static Object invoke(Method method, Object target, Object[] args) {
    try {
      return method.invoke(target, args);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      throw new CallFailure(
          cause instanceof JdbiException refusal ? StatementFailure.of(refusal) : cause);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private Session take() {
    Session session = idle.poll();
    if (session != null) {
      return session;
    }
    if (opened.getAndUpdate(n -> Math.min(size, n + 1)) < size) {
      return open();
    }
    try {
      session = awaitIdle();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for the database", e);
    }
    if (session == null && closed) {
      throw new IllegalStateException("The database was closed");
    }
    if (session == null) {
      throw new NoConnectionException();
    }
    return session;
  }

  private Session awaitIdle() throws InterruptedException {
    long end = System.nanoTime() + PATIENCE_NANOS;
    Session session = null;
    while (session == null && !closed && System.nanoTime() < end) {
      session = idle.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
    return session;
  }

  /** Not beside {@link #close}: whoever closes the database must not find it opened again. */
  private Session open() {
    boolean done = false;
    try {
      synchronized (source) {
        if (closed) {
          throw new IllegalStateException("The database was closed");
        }
        Session session = new Session(source.connect());
        done = true;
        return session;
      }
    } finally {
      if (!done) {
        opened.decrementAndGet();
      }
    }
  }

  private void giveBack(Session session) {
    if (isUnusable(session)) {
      opened.decrementAndGet();
    } else {
      idle.add(session);
      if (closed) {
        close();
      }
    }
  }

  private static boolean isUnusable(Session session) {
    try {
      return session.handle.isClosed();
    } catch (JdbiException e) {
      return true;
    }
  }

  private static final class CallFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CallFailure(Throwable cause) {
      super(null, cause, false, false);
    }
  }
}
