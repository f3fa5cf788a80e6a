package io.coterie.http;

import java.util.concurrent.CountDownLatch;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Lets requests wait until the server is ready for them, so that the port can be opened while the
 * database still is. Thread-safe.
 */
public final class Gate extends Handler.Wrapper {

  private final CountDownLatch decided = new CountDownLatch(1);
  private volatile boolean closed;

  /** Lets requests in, those that wait and all that come. */
  public void open() {
    decided.countDown();
  }

  /** Refuses all from now on, those that wait included. */
  public void close() {
    closed = true;
    decided.countDown();
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    decided.await();
    if (closed) {
      Response.writeError(request, response, callback, 503);
      return true;
    }
    return super.handle(request, response, callback);
  }
}
