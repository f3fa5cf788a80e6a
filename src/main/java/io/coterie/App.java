package io.coterie;

import io.coterie.agent.AgentCatalog;
import io.coterie.agent.AgentHandler;
import io.coterie.chat.CaffeineOneTimeStrings;
import io.coterie.chat.ChatFeature;
import io.coterie.chat.InProcessEventBus;
import io.coterie.chat.RunLimits;
import io.coterie.config.Config;
import io.coterie.deletion.Deletions;
import io.coterie.http.Authentication;
import io.coterie.http.ClientAddresses;
import io.coterie.http.Cors;
import io.coterie.http.HangUps;
import io.coterie.http.Intake;
import io.coterie.metrics.Metrics;
import io.coterie.model.Models;
import io.coterie.openai.OpenAiHandler;
import io.coterie.openapi.ApiDocsHandler;
import io.coterie.packages.PackageHandler;
import io.coterie.packages.PackageHandler.Installers;
import io.coterie.packages.Registries;
import io.coterie.packages.RegistryHandler;
import io.coterie.search.MessageGroups;
import io.coterie.search.SearchHandler;
import io.coterie.search.WordsBacklog;
import io.coterie.socketio.SocketIoServer;
import io.coterie.socketio.SocketIoServlet;
import io.coterie.storage.CannotStoreException;
import io.coterie.storage.Database;
import io.coterie.timing.Deadline;
import io.coterie.usage.RequestQuota;
import io.coterie.usage.TokenQuota;
import io.coterie.usage.UsageHandler;
import io.coterie.usage.UsageLog;
import io.coterie.user.ApiKeys;
import io.coterie.user.KeyHandler;
import io.coterie.user.UserAdminHandler;
import io.coterie.user.UserHandler;
import io.coterie.workspace.WorkspaceHandler;
import io.coterie.workspace.WorkspaceViews;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server, put together: every part is made here, and closed here in reverse order. */
public final class App implements AutoCloseable {

  /**
   * How the server treats connections on which nothing happens.
   *
   * @param keepAlive how often something is written to an idle live connection
   * @param idle after which time without a byte in or out a connection is closed
   */
  record Idleness(Duration keepAlive, Duration idle, SocketIoServer.Heartbeat heartbeat) {
    static final Idleness USUAL =
        new Idleness(
            Duration.ofSeconds(15), Duration.ofSeconds(60), SocketIoServer.Heartbeat.DEFAULT);
  }

  private static final Logger log = LoggerFactory.getLogger(App.class);

  /** How long a stop may take beyond what replies in progress are given, all parts together. */
  private static final Duration AFTER_GRACE = Duration.ofMillis(1_500);

  /** How much of that one part may wait for, and what is left to it in any case. */
  private static final Duration EACH = Duration.ofSeconds(1);

  private static final Duration LEAST = Duration.ofMillis(200);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final InProcessEventBus bus = new InProcessEventBus();
  private final Background background = new Background();
  private final CaffeineOneTimeStrings strings;
  private final Database database;
  private final Deletions deletions;
  private final ChatFeature chat;
  private final WebServer web;
  private final Routes.Handlers handlers;
  private Duration grace = Duration.ZERO;
  private Deadline end = Deadline.in(Duration.ZERO);
  private boolean closed;

  /** Starts a server with the models that the settings name. It answers when this returns. */
  public static App start(Config config) {
    return start(config, Clock.systemUTC(), Agents::models, Idleness.USUAL);
  }

  /** Starts a server with its time, its models and its patience from elsewhere, for tests. */
  static App start(Config config, Clock clock, Function<Config, Models> models, Idleness idleness) {
    return new App(config, clock, models, idleness);
  }

  /** The version of this build. */
  static String version() {
    String version = App.class.getPackage().getImplementationVersion();
    return version == null ? "0.0.0" : version;
  }

  /** The port that the server listens on. */
  public int port() {
    return web.port();
  }

  /** How many live connections there are, over all transports. */
  int openConnections() {
    return chat.connections().count();
  }

  /** Ends all live connections, as a stop does. */
  void endConnections() {
    chat.connections().stop();
  }

  Database database() {
    return database;
  }

  /** Whether all is removed that was deleted. */
  boolean isCleared() {
    return deletions.isDone();
  }

  /** How many chats somebody follows. */
  int followedChats() {
    return bus.followedChats();
  }

  /** How many things the timer has yet to do; none where nobody is connected. */
  int timerTasks() {
    return background.timer().getQueue().size();
  }

  /** How many one-time strings are good. */
  long unusedStrings() {
    return strings.unused();
  }

  /** The routes as they were declared, to hold them against those that were registered. */
  List<Routes.Route> routes() {
    return Routes.all(handlers);
  }

  WebServer web() {
    return web;
  }

  private App(Config config, Clock clock, Function<Config, Models> modelsOf, Idleness idleness) {
    boolean started = false;
    try {
      grace = config.server().stopTimeout();
      DataStore data = DataStore.open(config, clock);
      parts.push(() -> data.close(patience()));
      database = data.database();
      AgentCatalog catalog = new AgentCatalog(database, clock, version());
      parts.push(() -> background.close(patience()));

      Observability observability = new Observability(version(), config.operations());
      Metrics metrics = observability.metrics();
      Agents agents =
          Agents.build(
              config, modelsOf.apply(config), database, catalog, background.runs(), metrics);
      parts.push(() -> agents.close(patience()));

      strings =
          new CaffeineOneTimeStrings(
              clock, config.chat().connectionStringTtl(), config.chat().messageStringTtl());
      MessageGroups groups = part(new MessageGroups(database, background.runs()));
      deletions = part(new Deletions(database, groups::shrunk));
      UsageLog usage = new UsageLog(database, clock);
      TokenQuota tokenQuota = new TokenQuota(config.quota().tokensPerDay(), usage, clock);
      RequestQuota requestQuota = new RequestQuota(config.quota().requestsPerMinute(), clock);
      WordsBacklog wordsBacklog = part(new WordsBacklog(database, groups));
      WebServer.Threads webThreads = WebServer.threads();
      Intake intake = WebServer.intake(config.server(), webThreads);
      WorkspaceViews workspaceViews = new WorkspaceViews(database, catalog);
      chat =
          ChatFeature.build(
              new ChatFeature.Foundations(
                  database,
                  clock,
                  strings,
                  bus,
                  agents.runner(),
                  agents.chooser(),
                  workspaceViews,
                  usage,
                  tokenQuota,
                  deletions,
                  groups,
                  metrics),
              new ChatFeature.Threads(
                  background.runs(), webThreads, background.timer(), background.upkeep()),
              new ChatFeature.Limits(
                  runLimits(config.agents()), config.chat().maxOutboxSize(), idleness.keepAlive()));

      SocketIoServer socketIo =
          new SocketIoServer(
              Map.of("/chat", chat.socketIo()), idleness.heartbeat(), System::nanoTime);
      socketIo.attend(background.timer());
      HangUps hangUps = new HangUps(background.timer());
      new IdleMemory(webThreads::isQuiet).attend(background.timer());
      observability.watch(chat, data);
      data.attend(background);
      Cors cors = new Cors(config.server().corsOrigins());

      ClientAddresses addresses = clientAddresses(config);
      UserHandler users =
          part(
              new UserHandler(
                  database,
                  userRules(config),
                  clock,
                  addresses,
                  deletions,
                  userId -> {
                    catalog.userGone(userId);
                    chat.service().userGone(userId);
                  },
                  userId -> revoked(userId, null),
                  webThreads));
      ApiKeys apiKeys = new ApiKeys(database, clock);
      Path ownRegistry = config.dataDir().resolve("registry");
      PackageHandler packages =
          part(
              new PackageHandler(
                  Registries.of(config.registryUrls(), ownRegistry),
                  catalog,
                  Installers.valueOf(config.agents().install().name())));
      handlers =
          new Routes.Handlers(
              new Authentication(requestQuota.limiting(apiKeys.or(users.verifier()))),
              users,
              new KeyHandler(apiKeys, this::revoked),
              new UserAdminHandler(database, chat.service()::userDisabled),
              new WorkspaceHandler(
                  database, workspaceViews, clock, deletions, chat.service()::workspaceGone),
              chat,
              new AgentHandler(catalog, agents.tools(), background.runs()),
              new OpenAiHandler(
                  new OpenAiHandler.Foundations(
                      database,
                      clock,
                      catalog,
                      agents.chooser(),
                      agents.runner(),
                      chat.guests(),
                      usage,
                      tokenQuota,
                      metrics,
                      chat.streams(),
                      hangUps,
                      webThreads)),
              packages,
              part(new RegistryHandler(ownRegistry)),
              new StatusHandler(chat.service()::isStopping, database::canStore),
              new UsageHandler(usage),
              new SearchHandler(database, groups),
              new BackupHandler(data::backUp),
              observability.handler(),
              addresses,
              new ApiDocsHandler(version()),
              new SocketIoServlet(socketIo, cors, intake));

      web =
          new WebServer(
              config.server(),
              webThreads,
              idleness.idle(),
              cors,
              new WebServer.Access(
                  handlers.authentication(),
                  intake,
                  request -> SocketIoServlet.maxBody(socketIo, request)),
              observability.watcher(),
              routes -> Routes.register(routes, handlers),
              context -> Routes.mount(context, handlers));
      parts.push(() -> web.stop(patience()));
      parts.push(socketIo);
      web.start();
      catalog.load();
      chat.service().recover();
      web.open();
      wordsBacklog.start(background.runs());
      deletions.start();
      groups.start();
      parts.push(this::stopChat);
      started = true;
      log.info("Listening on {}", web.url());
    } catch (Database.UnusableException e) {
      throw new StartException(
          "The database under " + config.dataDir() + " cannot be used: " + e.getMessage(), e);
    } catch (CannotStoreException e) {
      throw new StartException(
          "The database under " + config.dataDir() + " cannot be written: its disk is full", e);
    } finally {
      if (!started) {
        close();
      }
    }
  }

  /**
   * Stops: no new runs, running ones get their grace, the rest are interrupted, sockets close with
   * 1001. All of it takes no more than the grace and little beside, whoever does not end.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    end = Deadline.in(grace.plus(AFTER_GRACE));
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        log.warn("A part did not stop cleanly", e);
      }
    }
  }

  /**
   * Ends what was opened with what is revoked now.
   *
   * @param keyId null for the logins of the user
   */
  private void revoked(UUID userId, UUID keyId) {
    strings.revoke(userId, keyId);
    chat.connections().end(userId, keyId);
  }

  /** For the part that is about to be closed. */
  private Duration patience() {
    return end.left(LEAST, EACH);
  }

  private void stopChat() {
    chat.service().stop(grace, EACH);
    chat.connections().stop();
  }

  private static RunLimits runLimits(Config.Agents agents) {
    return new RunLimits(
        agents.maxConcurrentRuns(),
        agents.maxConcurrentRunsPerUser(),
        agents.maxQueuedRuns(),
        agents.maxQueuedRunsPerUser());
  }

  private static UserHandler.Rules userRules(Config config) {
    return new UserHandler.Rules(
        config.auth().registration() == Config.Registration.OPEN,
        config.auth().maxRegistrations(),
        config.auth().maxLoginFailures(),
        config.auth().minPasswordLength(),
        Secrets.ofTokens(config),
        config.auth().tokenTtl());
  }

  private static ClientAddresses clientAddresses(Config config) {
    return new ClientAddresses(
        address ->
            config.server().trustedProxies().stream().anyMatch(range -> range.contains(address)));
  }

  private <T extends AutoCloseable> T part(T part) {
    parts.push(part);
    return part;
  }
}
