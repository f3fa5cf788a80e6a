package io.coterie;

import io.coterie.chat.ChatSocket;
import io.coterie.config.Config;
import io.coterie.http.Cors;
import io.coterie.http.Errors;
import io.coterie.http.Gate;
import io.coterie.http.JettyErrors;
import io.coterie.http.Json;
import io.coterie.http.RequestGuard;
import io.coterie.http.RequestIds;
import io.coterie.http.RequestWatch;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.json.JavalinJackson;
import io.javalin.util.JavalinBindException;
import io.javalin.util.JavalinException;
import io.javalin.util.JavalinLogger;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.SessionHandler;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.EagerContentHandler;
import org.eclipse.jetty.session.NullSessionCache;
import org.eclipse.jetty.session.NullSessionDataStore;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Javalin and Jetty, set up as this server needs them. */
final class WebServer {

  /** The threads that answer requests. */
  static final class Threads extends QueuedThreadPool {
    Threads() {
      super(MAX_THREADS, MIN_THREADS, (int) Duration.ofSeconds(30).toMillis());
      setName("http");
    }
  }

  private static final Logger log = LoggerFactory.getLogger(WebServer.class);

  private static final int MAX_THREADS = 200;
  private static final int MIN_THREADS = 6;
  private static final Duration SHUTDOWN_IDLE = Duration.ofMillis(300);

  private final Config.Server settings;
  private final Threads threads;
  private final Duration idle;
  private final Cors cors;
  private final RequestWatch watch;
  private final Gate gate = new Gate();
  private final Javalin javalin;

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
      Consumer<RequestWatch.Ended> watcher,
      Consumer<RoutesConfig> routes,
      Consumer<ServletContextHandler> servlets) {
    this.watch = new RequestWatch(watcher);
    this.settings = settings;
    this.threads = threads;
    this.idle = idle;
    this.cors = cors;
    this.javalin = Javalin.create(config -> configure(config, routes, servlets));
  }

  static Threads threads() {
    return new Threads();
  }

  /** Starts to listen; requests wait until {@link #open}. */
  void start() {
    // What goes wrong here is told once, by whoever reads the exception.
    JavalinLogger.enabled = false;
    try {
      javalin.start();
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

  private void configure(
      JavalinConfig config,
      Consumer<RoutesConfig> routes,
      Consumer<ServletContextHandler> servlets) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.prefer405over404 = true;
    config.http.maxRequestSize = settings.maxBodySize();
    config.jsonMapper(new JavalinJackson(Json.MAPPER, false));
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
          factory.setMaxTextMessageSize(ChatSocket.MAX_FRAME);
          factory.setMaxBinaryMessageSize(ChatSocket.MAX_FRAME);
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
    http.setSendDateHeader(false);
    // Else a header is taken for the one before it on the connection where only the letter case
    // differs, and somebody's token for another one.
    http.setHeaderCacheCaseSensitive(true);
  }

  private void modify(Server server) {
    server.setErrorHandler(new JettyErrors(watch));
    // A body is read before a thread is given to its request: a slow sender holds none.
    server.insertHandler(
        new EagerContentHandler(
            new EagerContentHandler.RetainedContentLoaderFactory(
                settings.maxBodySize() + 1, 0, false)));
    server.insertHandler(gate);
    server.insertHandler(new RequestGuard());
    server.insertHandler(new RequestIds());
    server.insertHandler(watch);
  }

  private Connector connector(Server server, HttpConfiguration http) {
    ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(settings.host());
    connector.setPort(settings.port());
    connector.setIdleTimeout(idle.toMillis());
    // A stop waits for clients that keep a connection for their next request; Jetty's is a second.
    connector.setShutdownIdleTimeout(SHUTDOWN_IDLE.toMillis());
    return connector;
  }
}
