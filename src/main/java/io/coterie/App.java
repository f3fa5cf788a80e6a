package io.coterie;

import io.coterie.agent.AgentCatalog;
import io.coterie.agent.AgentChooser;
import io.coterie.agent.AgentHandler;
import io.coterie.agent.AgentRunner;
import io.coterie.agent.AgentTools;
import io.coterie.chat.CaffeineOneTimeStrings;
import io.coterie.chat.ChatFeature;
import io.coterie.chat.Connections;
import io.coterie.chat.InProcessEventBus;
import io.coterie.http.Authentication;
import io.coterie.http.ClientAddresses;
import io.coterie.http.Cors;
import io.coterie.http.HangUps;
import io.coterie.http.RequestLog;
import io.coterie.http.RequestWatch;
import io.coterie.metrics.Metrics;
import io.coterie.metrics.MetricsHandler;
import io.coterie.model.ModelCatalog;
import io.coterie.model.ModelTimeouts;
import io.coterie.model.Models;
import io.coterie.model.Provider;
import io.coterie.openai.OpenAiHandler;
import io.coterie.openapi.ApiDocsHandler;
import io.coterie.packages.PackageHandler;
import io.coterie.packages.PackageHandler.Installers;
import io.coterie.packages.Registries;
import io.coterie.packages.RegistryHandler;
import io.coterie.search.SearchHandler;
import io.coterie.search.WordsBacklog;
import io.coterie.socketio.SocketIoServer;
import io.coterie.socketio.SocketIoServlet;
import io.coterie.storage.BackupRequests;
import io.coterie.storage.Backups;
import io.coterie.storage.DataFiles;
import io.coterie.storage.Database;
import io.coterie.tools.McpServers;
import io.coterie.usage.RequestQuota;
import io.coterie.usage.TokenQuota;
import io.coterie.usage.UsageHandler;
import io.coterie.usage.UsageLog;
import io.coterie.user.Admins;
import io.coterie.user.ApiKeys;
import io.coterie.user.KeyHandler;
import io.coterie.user.UserAdminHandler;
import io.coterie.user.UserHandler;
import io.coterie.workspace.WorkspaceHandler;
import io.coterie.workspace.WorkspaceViews;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
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

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final InProcessEventBus bus = new InProcessEventBus();
  private final Background background = new Background();
  private final CaffeineOneTimeStrings strings;
  private final ChatFeature chat;
  private final WebServer web;
  private final Routes.Handlers handlers;
  private boolean closed;

  /** Starts a server with the models that the settings name. It answers when this returns. */
  public static App start(Config config) {
    return start(config, Clock.systemUTC(), App::models, Idleness.USUAL);
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

  /** How many chats somebody follows. */
  int followedChats() {
    return bus.followedChats();
  }

  /** How many things the timer has yet to do. */
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
      DataFolder.make(config.dataDir());
      prepare(config.dataDir());
      Backups backups = new Backups(config.dataDir(), clock);
      Database database =
          part(
              Database.open(
                  config.database().url(),
                  config.database().sync(),
                  (version, copy) -> backUp(config, backups, version, copy)));
      AgentCatalog catalog = new AgentCatalog(database, clock, version());
      parts.push(background);

      Models models = modelsOf.apply(config);
      if (models instanceof AutoCloseable closeable) {
        parts.push(closeable);
      }
      Metrics metrics = new Metrics();
      AgentChooser chooser = new AgentChooser(catalog, models);
      McpServers toolServers =
          part(
              new McpServers(
                  config.dataDir().resolve("tools"),
                  config.agents().toolStartTimeout(),
                  config.agents().toolTimeout()));
      AgentTools tools = new AgentTools(toolServers, new Admins(database), background.runs());
      AgentRunner runner =
          new AgentRunner(
              catalog,
              models,
              tools,
              background.runs(),
              new AgentRunner.Limits(
                  config.agents().maxDepth(),
                  config.agents().maxSteps(),
                  config.agents().maxTokens(),
                  config.agents().maxHistorySize()),
              metrics);

      strings =
          new CaffeineOneTimeStrings(
              clock, config.chat().connectionStringTtl(), config.chat().messageStringTtl());
      UsageLog usage = new UsageLog(database, clock);
      TokenQuota tokenQuota = new TokenQuota(config.quota().tokensPerDay(), usage, clock);
      RequestQuota requestQuota = new RequestQuota(config.quota().requestsPerMinute(), clock);
      WordsBacklog wordsBacklog = part(new WordsBacklog(database));
      WebServer.Threads webThreads = WebServer.threads();
      WorkspaceViews workspaceViews = new WorkspaceViews(database, catalog);
      chat =
          ChatFeature.build(
              new ChatFeature.Foundations(
                  database,
                  clock,
                  strings,
                  bus,
                  runner,
                  chooser,
                  workspaceViews,
                  usage,
                  tokenQuota,
                  metrics),
              new ChatFeature.Threads(background.runs(), webThreads, background.timer()),
              new ChatFeature.Limits(
                  config.agents().maxConcurrentRuns(),
                  config.agents().maxQueuedRuns(),
                  config.chat().maxOutboxSize(),
                  idleness.keepAlive()));

      SocketIoServer socketIo =
          new SocketIoServer(
              Map.of("/chat", chat.socketIo()), idleness.heartbeat(), System::nanoTime);
      background.every(Duration.ofSeconds(1), socketIo::tick);
      background.every(Duration.ofMillis(100), database::tidy);
      HangUps hangUps = new HangUps();
      background.every(Duration.ofMillis(250), hangUps::look);
      addGauges(metrics, chat, database);
      BackupRequests.Writer backup = () -> backUp(config, backups, database);
      BackupRequests backupRequests =
          new BackupRequests(config.dataDir(), backup, background.runs());
      backupRequests.clear();
      background.every(Duration.ofMillis(500), backupRequests::look);
      Cors cors = new Cors(config.server().corsOrigins());

      ClientAddresses addresses = clientAddresses(config);
      UserHandler users =
          part(
              new UserHandler(
                  database,
                  userRules(config),
                  clock,
                  addresses,
                  accountDeletion(chat, catalog, usage)));
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
              new KeyHandler(apiKeys),
              new UserAdminHandler(database, chat.service()::userDisabled),
              new WorkspaceHandler(
                  database, workspaceViews, clock, chat.service()::workspaceDeletion),
              chat,
              new AgentHandler(catalog, tools, background.runs()),
              new OpenAiHandler(
                  new OpenAiHandler.Foundations(
                      database,
                      clock,
                      catalog,
                      chooser,
                      runner,
                      chat.guests(),
                      usage,
                      tokenQuota,
                      metrics,
                      chat.streams(),
                      hangUps,
                      webThreads)),
              packages,
              part(new RegistryHandler(ownRegistry)),
              new StatusHandler(chat.service()::isStopping),
              new UsageHandler(usage),
              new SearchHandler(database),
              new BackupHandler(backup),
              new MetricsHandler(metrics, config.operations().publicMetrics()),
              addresses,
              new ApiDocsHandler(version()),
              new SocketIoServlet(socketIo, cors));

      web =
          new WebServer(
              config.server(),
              webThreads,
              idleness.idle(),
              cors,
              watcher(metrics, config.operations().requestLog()),
              routes -> Routes.register(routes, handlers),
              context -> Routes.mount(context, handlers));
      parts.push(web::stop);
      parts.push(socketIo);
      web.start();
      catalog.load();
      chat.service().recover();
      web.open();
      wordsBacklog.start(background.runs());
      parts.push(() -> stopChat(chat, config.server().stopTimeout()));
      started = true;
      log.info("Listening on {}", web.url());
    } catch (Database.UnusableException e) {
      throw new StartException(
          "The database under " + config.dataDir() + " cannot be used: " + e.getMessage(), e);
    } finally {
      if (!started) {
        close();
      }
    }
  }

  /**
   * Stops: no new runs, running ones get a few seconds, the rest are interrupted, sockets close
   * with 1001.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        log.warn("A part did not stop cleanly", e);
      }
    }
  }

  private static void prepare(Path dataDir) {
    if (DataFiles.isHalfRestored(dataDir)) {
      throw new StartException(
          "A restore into " + dataDir + " did not come to its end: do it again", null);
    }
    try {
      if (DataFiles.deleteLeftovers(dataDir)) {
        log.info("Deleted what a restore left that was interrupted before it changed anything");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void backUp(Config config, Backups backups, String version, Backups.Content copy)
      throws IOException {
    if (isCopyable(config)) {
      Backups.Backup backup = backups.write("before-v" + version, copy);
      log.info("The database is upgraded; {} is a backup of what it was", backup.name());
    } else {
      log.warn("The database is upgraded without a backup: it is not kept in a plain file");
    }
  }

  private static Backups.Backup backUp(Config config, Backups backups, Database database)
      throws IOException {
    if (!isCopyable(config)) {
      throw new UnsupportedOperationException("The database is not kept in a plain file");
    }
    return backups.write("coterie", database::copyTo);
  }

  private static boolean isCopyable(Config config) {
    return Database.fileOf(config.database().url()).isPresent();
  }

  private static void addGauges(Metrics metrics, ChatFeature chat, Database database) {
    for (Connections.Transport transport : Connections.Transport.values()) {
      String name = transport.name().toLowerCase(Locale.ROOT);
      metrics.addConnections(name, () -> chat.connections().count(transport));
    }
    metrics.addRuns(chat.service()::runningRuns, chat.service()::queuedRuns);
    metrics.addDatabase(database::usedConnections, database.maxConnections());
  }

  private static Consumer<RequestWatch.Ended> watcher(Metrics metrics, boolean logged) {
    return logged
        ? request -> {
          metrics.requestEnded(request);
          RequestLog.write(request);
        }
        : metrics::requestEnded;
  }

  private static void stopChat(ChatFeature chat, Duration grace) {
    chat.service().stop(grace);
    chat.connections().stop();
  }

  private static Function<UUID, Runnable> accountDeletion(
      ChatFeature chat, AgentCatalog catalog, UsageLog usage) {
    return userId -> {
      Runnable chats = chat.service().accountDeletion(userId);
      Runnable agents = catalog.accountDeletion(userId);
      return () -> {
        agents.run();
        chats.run();
        usage.forget(userId);
      };
    };
  }

  private static UserHandler.Rules userRules(Config config) {
    return new UserHandler.Rules(
        config.auth().registration() == Config.Registration.OPEN,
        config.auth().minPasswordLength(),
        jwtSecret(config),
        config.auth().tokenTtl());
  }

  private static String jwtSecret(Config config) {
    Path file = config.dataDir().resolve("jwt.secret");
    try {
      return config.auth().jwtSecret() != null ? config.auth().jwtSecret() : Secrets.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ClientAddresses clientAddresses(Config config) {
    return new ClientAddresses(
        address ->
            config.server().trustedProxies().stream().anyMatch(range -> range.contains(address)));
  }

  static Models models(Config config) {
    Map<String, Provider> providers =
        config.providers().stream()
            .map(
                p ->
                    new Provider(
                        p.name(), Provider.Type.valueOf(p.type().name()), p.baseUrl(), p.apiKey()))
            .collect(Collectors.toMap(Provider::name, Function.identity()));
    Config.Model model = config.model();
    return new ModelCatalog(
        providers,
        model.defaultModel(),
        new ModelTimeouts(model.connectTimeout(), model.firstTokenTimeout(), model.idleTimeout()));
  }

  private <T extends AutoCloseable> T part(T part) {
    parts.push(part);
    return part;
  }
}
