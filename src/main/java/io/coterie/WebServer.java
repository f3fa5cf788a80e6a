package io.coterie;

import com.sun.management.UnixOperatingSystemMXBean;
import io.coterie.chat.ChatSocket;
import io.coterie.config.Config;
import io.coterie.http.Authentication;
import io.coterie.http.BodyIntake;
import io.coterie.http.BoundedSocket;
import io.coterie.http.ConnectionLimit;
import io.coterie.http.Cors;
import io.coterie.http.Errors;
import io.coterie.http.Gate;
import io.coterie.http.Intake;
import io.coterie.http.JettyErrors;
import io.coterie.http.Json;
import io.coterie.http.RequestGuard;
import io.coterie.http.RequestIds;
import io.coterie.http.RequestMemory;
import io.coterie.http.RequestWatch;
import io.coterie.http.RouteAdmission;
import io.coterie.http.Turns;
import io.coterie.http.UsualHeaders;
import io.coterie.packages.PackageHandler;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.json.JavalinJackson;
import io.javalin.util.JavalinBindException;
import io.javalin.util.JavalinException;
import io.javalin.util.JavalinLogger;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.SessionHandler;
import org.eclipse.jetty.ee10.websocket.server.JettyWebSocketCreator;
import org.eclipse.jetty.ee10.websocket.server.JettyWebSocketServletFactory;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.session.NullSessionCache;
import org.eclipse.jetty.session.NullSessionDataStore;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.api.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Javalin and Jetty, set up as this server needs them. */
final class WebServer {

  /** The threads that answer requests. */
  static final class Threads extends QueuedThreadPool {
    Threads() {
      super(MAX_THREADS, MIN_THREADS, (int) Duration.ofSeconds(10).toMillis());
      setName("http");
      // After a burst all of them go at once, not one after the other.
      setMaxEvictCount(MAX_THREADS);
    }

    /** Whether hardly anybody is being answered. */
    boolean isQuiet() {
      return getUtilizedThreads() <= 1 && getQueueSize() == 0;
    }
  }

  private static final Logger log = LoggerFactory.getLogger(WebServer.class);

  private static final int MAX_THREADS = 200;
  private static final int MIN_THREADS = 6;
  private static final Duration SHUTDOWN_IDLE = Duration.ofMillis(300);

  /** Where many come at once: with Java's 50 the connections of some are reset. */
  private static final int ACCEPT_QUEUE = 1024;

  /** A body may have so much where no user is known, in bytes. */
  private static final long MAX_OPEN_BODY = 16 * 1024;

  /** A frame of the largest size has to fit while it comes. */
  private static final long LEAST_REQUEST_MEMORY = 8 << 20;

  /** What is kept of buffers that nobody uses, in bytes, on the heap and beside it. */
  private static final long MAX_IDLE_BUFFERS = 4 << 20;

  private static final int MAX_BUFFERS_OF_A_SIZE = 256;

  private final Config.Server settings;
  private final Threads threads;
  private final Duration idle;
  private final Cors cors;
  private final RequestWatch watch;
  private final Gate gate = new Gate();
  private final Access access;
  private final ByteBufferPool buffers =
      new ArrayByteBufferPool(
          -1, -1, -1, MAX_BUFFERS_OF_A_SIZE, MAX_IDLE_BUFFERS, MAX_IDLE_BUFFERS);
  private final Javalin javalin;
  private JettyWebSocketServletFactory sockets;

  /**
   * What may come in.
   *
   * @param socketIoLimit how long the body of a Socket.IO client may be, in bytes
   */
  record Access(
      Authentication authentication, Intake intake, ToLongFunction<Request> socketIoLimit) {}

  /**
   * Sets the server up; it does not listen yet.
   *
   * @param watcher is told of every request that ended
   * @param idle how long nothing may come or go on a connection
   */
  WebServer(
      Config.Server settings,
      Threads threads,
      Duration idle,
      Cors cors,
      Access access,
      Consumer<RequestWatch.Ended> watcher,
      Consumer<RoutesConfig> routes,
      Consumer<ServletContextHandler> servlets) {
    this.watch = new RequestWatch(watcher);
    this.settings = settings;
    this.threads = threads;
    this.idle = idle;
    this.cors = cors;
    this.access = access;
    this.javalin = Javalin.create(config -> configure(config, routes, servlets));
  }

  static Threads threads() {
    return new Threads();
  }

  /** What bounds all that clients send: by default by the heap. */
  static Intake intake(Config.Server settings, Threads threads) {
    long heap = Runtime.getRuntime().maxMemory();
    long usual = Math.max(Math.max(heap / 8, LEAST_REQUEST_MEMORY), settings.maxBodySize());
    return Intake.of(
        new RequestMemory(settings.maxRequestMemory().orElse(usual)),
        new RequestMemory(Math.max(heap / 4, PackageHandler.MAX_PACKAGE)),
        new Turns(heap / 8, threads),
        threads);
  }

  /** Starts to listen; requests wait until {@link #open}. */
  void start() {
    // What goes wrong here is told once, by whoever reads the exception.
    JavalinLogger.enabled = false;
    try {
      javalin.start();
      boundSockets();
    } catch (JavalinBindException e) {
      throw new StartException(
          "Port " + settings.port() + " on " + settings.host() + " is in use or not allowed", e);
    } finally {
      JavalinLogger.enabled = true;
    }
  }

  /** Starts to answer. */
  void open() {
    gate.open();
  }

  int port() {
    return javalin.port();
  }

  Javalin javalin() {
    return javalin;
  }

  String url() {
    String host = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
    return "http://" + host + ":" + port();
  }

  /**
   * Stops to listen and to answer.
   *
   * @param patience for requests in progress, and for clients to end their connections
   */
  void stop(Duration patience) {
    gate.close();
    javalin.jettyServer().server().setStopTimeout(patience.toMillis());
    threads.setStopTimeout(patience.toMillis());
    try {
      javalin.stop();
    } catch (JavalinException e) {
      if (!(e.getCause() instanceof TimeoutException)) {
        throw e;
      }
      log.info("Clients that did not end their connections were cut off");
    }
  }

  /** Javalin's sockets take whole messages, which Jetty would put together without a bound. */
  private void boundSockets() {
    JettyWebSocketCreator whole = sockets.getMapping("/");
    sockets.removeMapping("/");
    sockets.setCreator(
        (request, response) ->
            new BoundedSocket(
                (Session.Listener) whole.createWebSocket(request, response),
                access.intake(),
                () -> ChatSocket.MAX_FRAME));
  }

  private void configure(
      JavalinConfig config,
      Consumer<RoutesConfig> routes,
      Consumer<ServletContextHandler> servlets) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.prefer405over404 = true;
    config.jsonMapper(new JavalinJackson(Json.MAPPER, false));
    config.unsafe.jettyInternal.server = new Server(threads, null, buffers);
    config.jetty.threadPool = threads;
    config.jetty.addConnector(this::connector);
    config.jetty.modifyHttpConfiguration(WebServer::modify);
    config.jetty.modifyServer(this::modify);
    config.jetty.modifyServletContextHandler(
        context -> {
          context.setErrorHandler(new JettyErrors(watch));
          context.setSessionHandler(noSessions());
          servlets.accept(context);
        });
    config.jetty.modifyWebSocketServletFactory(
        factory -> {
          factory.setIdleTimeout(idle);
          sockets = factory;
        });
    config.routes.before(cors::apply);
    Errors.register(config.routes);
    routes.accept(config.routes);
  }

  /** Javalin asks for a session at each upgrade: one that nobody keeps, and no cookie for it. */
  private static SessionHandler noSessions() {
    SessionHandler sessions = new SessionHandler();
    sessions.setUsingCookies(false);
    NullSessionCache cache = new NullSessionCache(sessions);
    cache.setSessionDataStore(new NullSessionDataStore());
    sessions.setSessionCache(cache);
    return sessions;
  }

  private static void modify(HttpConfiguration http) {
    http.setSendDateHeader(true);
    // The cache takes some 50 KB a connection; and where only the letter case of a header differs,
    // it
    // takes one for the other, and so somebody's token for another one.
    http.setHeaderCacheSize(0);
  }

  private void modify(Server server) {
    server.setErrorHandler(new JettyErrors(watch));
    // A body is read before a thread is given to its request: a slow sender holds none.
    server.insertHandler(
        new BodyIntake(
            new RouteAdmission(
                () -> javalin.unsafe.internalRouter,
                access.authentication(),
                new RouteAdmission.Limits(
                    Math.min(MAX_OPEN_BODY, settings.maxBodySize()),
                    settings.maxBodySize(),
                    PackageHandler.MAX_PACKAGE),
                Routes::takesPackages,
                access.socketIoLimit()),
            access.intake()));
    server.insertHandler(gate);
    server.insertHandler(new RequestGuard());
    server.insertHandler(new UsualHeaders());
    server.insertHandler(new RequestIds());
    server.insertHandler(watch);
  }

  private Connector connector(Server server, HttpConfiguration http) {
    ServerConnector connector =
        new ServerConnector(server, null, null, buffers, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(settings.host());
    connector.setPort(settings.port());
    connector.setAcceptQueueSize(ACCEPT_QUEUE);
    connector.setIdleTimeout(idle.toMillis());
    connector.addEventListener(
        new ConnectionLimit(Math.min(settings.maxConnections(), spareFiles())));
    // A stop waits for clients that keep a connection for their next request; Jetty's is a second.
    connector.setShutdownIdleTimeout(SHUTDOWN_IDLE.toMillis());
    return connector;
  }

  /** How many files the system lets us open, each connection being one, beside those we need. */
  private static int spareFiles() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? (int) Math.min(Integer.MAX_VALUE, Math.max(100, unix.getMaxFileDescriptorCount() - 300))
        : Integer.MAX_VALUE;
  }
}
