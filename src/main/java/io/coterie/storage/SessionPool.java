package io.coterie.storage;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * The open connections of the database, each with the DAOs that have been used on it: making those
 * anew for each call, as {@link Jdbi#onDemand} does, costs more than most queries. A thread that
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

  private static final int PATIENCE_SECONDS = 10;

  private final Jdbi jdbi;
  private final int size;
  private final AtomicInteger opened = new AtomicInteger();
  private final BlockingQueue<Session> idle = new LinkedBlockingQueue<>();
  private final ThreadLocal<Session> held = new ThreadLocal<>();

  /**
   * @param size how many connections there may be at once
   */
  SessionPool(Jdbi jdbi, int size) {
    this.jdbi = jdbi;
    this.size = size;
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

  /** A DAO whose every call takes a session for itself. */
  <D> D reader(Class<D> dao) {
    Object proxy =
        Proxy.newProxyInstance(
            dao.getClassLoader(),
            new Class<?>[] {dao},
            (self, method, args) -> call(dao, method, args));
    return dao.cast(proxy);
  }

  /** How many are held by a thread. */
  int used() {
    return Math.max(0, opened.get() - idle.size());
  }

  /** Closes the sessions that nobody holds. */
  @Override
  public void close() {
    Session session;
    while ((session = idle.poll()) != null) {
      session.handle.close();
    }
  }

  private <D> Object call(Class<D> dao, Method method, Object[] args) throws Throwable {
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
      session = idle.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for the database", e);
    }
    if (session == null) {
      throw new NoConnectionException();
    }
    return session;
  }

  private Session open() {
    try {
      return new Session(jdbi.open());
    } catch (RuntimeException e) {
      opened.decrementAndGet();
      throw e;
    }
  }

  private void giveBack(Session session) {
    if (session.handle.isClosed()) {
      opened.decrementAndGet();
    } else {
      idle.add(session);
    }
  }

  private static final class CallFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CallFailure(Throwable cause) {
      super(null, cause, false, false);
    }
  }
}
