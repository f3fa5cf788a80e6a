package io.coterie.http;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.internal.HttpConnection;

/**
 * Bounds how many connections there are. Where there are too many, those give way on which nothing
 * has happened for the longest, among those that wait for their client: for a request, for the rest
 * of its head or for the rest of its body. Where there are none of these, the new one is closed.
 * Thread-safe.
 */
public final class ConnectionLimit implements Connection.Listener {

  /** So many are closed at once, for each connection that there may be. */
  private static final double SHARE = 0.1;

  private final int max;
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();

  /**
   * @param max how many there may be
   */
  public ConnectionLimit(int max) {
    this.max = max;
  }

  @Override
  public void onOpened(Connection connection) {
    open.add(connection);
    if (open.size() > max && makeRoom(connection) == 0) {
      connection.getEndPoint().close();
    }
  }

  @Override
  public void onClosed(Connection connection) {
    open.remove(connection);
  }

  /** How many there are. */
  public int count() {
    return open.size();
  }

  private synchronized int makeRoom(Connection newest) {
    if (open.size() <= max) {
      return 1;
    }
    record Waiting(EndPoint endPoint, long idleMillis) {}
    List<Waiting> waiting = new ArrayList<>();
    for (Connection each : open) {
      if (each != newest
          && each instanceof HttpConnection http
          && http.getEndPoint() instanceof AbstractEndPoint endPoint
          && waitsForItsClient(http)) {
        waiting.add(new Waiting(endPoint, endPoint.getIdleFor()));
      }
    }
    waiting.sort(Comparator.comparingLong(Waiting::idleMillis).reversed());
    int count = Math.min(waiting.size(), (int) Math.max(1, max * SHARE));
    waiting.subList(0, count).forEach(each -> each.endPoint().close());
    return count;
  }

  private static boolean waitsForItsClient(HttpConnection connection) {
    Request request = connection.getHttpChannel().getRequest();
    return request == null || Reception.isArriving(request);
  }
}
