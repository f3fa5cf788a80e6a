package io.coterie.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.Await;
import io.coterie.http.BodyIntake;
import io.coterie.http.Cors;
import io.coterie.http.Intake;
import io.coterie.http.RequestMemory;
import io.coterie.http.Turns;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.ee10.websocket.server.config.JettyWebSocketServletContainerInitializer;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * {@link SocketIoServlet} on a Jetty of its own, with {@link EchoNamespace} behind {@code /echo}
 * and time that stands until a test moves it.
 */
final class Engine implements AutoCloseable {

  static final SocketIoServer.Heartbeat HEARTBEAT = SocketIoServer.Heartbeat.DEFAULT;

  final EchoNamespace echo = new EchoNamespace();

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
  private final AtomicInteger openRequests = new AtomicInteger();
  private final QueuedThreadPool threads = new QueuedThreadPool(50);
  private final Server server = new Server(threads);
  private final ServerConnector connector = new ServerConnector(server, 1, 1);
  private final SocketIoServer socketIo;

  private Engine(int maxUnjoined, List<String> origins) {
    Intake intake =
        Intake.of(
            new RequestMemory(64 << 20),
            new RequestMemory(0),
            new Turns(64 << 20, threads),
            threads);
    SocketIoServer.Heartbeat heartbeat =
        new SocketIoServer.Heartbeat(
            HEARTBEAT.interval(), HEARTBEAT.timeout(), HEARTBEAT.join(), maxUnjoined);
    socketIo = new SocketIoServer(Map.of("/echo", echo), heartbeat, nanos::get);
    ServletContextHandler context = new ServletContextHandler();
    ServletHolder servlet =
        new ServletHolder(new SocketIoServlet(socketIo, new Cors(origins), intake));
    servlet.setAsyncSupported(true);
    context.addServlet(servlet, "/socket.io/*");
    JettyWebSocketServletContainerInitializer.configure(context, null);
    BodyIntake bodies =
        new BodyIntake(
            request ->
                new BodyIntake.Verdict(
                    "anybody", SocketIoServlet.maxBody(socketIo, request), BodyIntake.Use.JSON),
            intake);
    bodies.setHandler(context);
    server.setHandler(new RequestCounter(bodies));
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    try {
      server.start();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  static Engine start() {
    return start(HEARTBEAT.maxUnjoined());
  }

  static Engine start(int maxUnjoined) {
    return new Engine(maxUnjoined, List.of());
  }

  static Engine startWithOrigins(List<String> origins) {
    return new Engine(HEARTBEAT.maxUnjoined(), origins);
  }

  int port() {
    return connector.getLocalPort();
  }

  URI uri(String scheme, String query) {
    return URI.create(scheme + "://127.0.0.1:" + port() + "/socket.io/?EIO=4&" + query);
  }

  int connections() {
    return socketIo.connections();
  }

  int openRequests() {
    return openRequests.get();
  }

  SocketIoServer socketIo() {
    return socketIo;
  }

  /** Lets time pass, and the server see it. */
  void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
    socketIo.tick();
  }

  void awaitConnections(int count) {
    Await.until(() -> connections() == count, () -> connections() + " connections");
  }

  void awaitOpenRequests(int count) {
    Await.until(() -> openRequests() == count, () -> openRequests() + " requests");
  }

  /** Clients that have fallen silent are gone after two heartbeats, and nothing is left of them. */
  void expectQuiet() {
    pass(HEARTBEAT.interval());
    pass(HEARTBEAT.timeout());
    awaitConnections(0);
    awaitOpenRequests(0);
    Await.until(
        () -> threads.getUtilizedThreads() == 0, () -> threads.getUtilizedThreads() + " threads");
    assertThat(echo.clients()).allSatisfy(client -> assertThat(client.timesGone()).isEqualTo(1));
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    assertThat(threads.getThreads()).isZero();
  }

  private final class RequestCounter extends Handler.Wrapper {
    RequestCounter(Handler next) {
      super(next);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      openRequests.incrementAndGet();
      Request.addCompletionListener(request, failure -> openRequests.decrementAndGet());
      return super.handle(request, response, callback);
    }
  }
}
