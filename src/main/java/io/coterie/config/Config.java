package io.coterie.config;

import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The settings that the server runs with, checked and typed; {@link #help} says what each means.
 * Immutable. Sizes are in bytes; durations are above zero. Its text shows no secret.
 *
 * @param dataDir the one folder that the server writes to, absolute; it need not exist yet
 * @param providers in the order of their names
 * @param registryUrls {@code own:}, {@code bundled:} or the address of a folder; the first that
 *     knows a package decides
 */
public record Config(
    Server server,
    Path dataDir,
    Database database,
    Auth auth,
    Chat chat,
    Operations operations,
    Model model,
    List<ProviderConfig> providers,
    Agents agents,
    List<String> registryUrls,
    Quota quota) {

  /**
   * Reads, each winning over the one before: {@code config.properties} in {@code directory} where
   * there is one (or the file that {@code --config=FILE} names), variables {@code COTERIE_…}, and
   * arguments {@code --KEY=VALUE}.
   *
   * @throws ConfigException with every mistake that there is
   */
  public static Config load(String[] args, Map<String, String> environment, Path directory) {
    Settings settings = new Settings(args, environment, directory);
    Config config = read(settings);
    settings.check();
    return config;
  }

  /** What {@code --help} prints: how to start the server, and every setting. */
  public static String help() {
    return Settings.help();
  }

  /** Whether the arguments ask for {@link #help} instead of a start. */
  public static boolean wantsHelp(String[] args) {
    return Sources.hasFlag(args, "--help", "-h");
  }

  /** Whether the arguments ask for the version instead of a start. */
  public static boolean wantsVersion(String[] args) {
    return Sources.hasFlag(args, "--version");
  }

  static Config read(Settings s) {
    Path dataDir = s.take("data.dir", Values.path(s.directory()));
    List<ProviderConfig> providers = ProviderConfig.readAll(s);
    return new Config(
        Server.read(s),
        dataDir,
        Database.read(s, dataDir),
        Auth.read(s),
        Chat.read(s),
        Operations.read(s),
        Model.read(s, providers),
        providers,
        Agents.read(s),
        s.takeSecret("registry.urls", Addresses.REGISTRIES),
        Quota.read(s));
  }

  /**
   * The port and who may reach it.
   *
   * @param host a name or an address, IPv6 without brackets
   * @param port 0 for any that is free
   * @param maxConnections how many there may be at once
   * @param maxRequestMemory what bodies and frames may hold in memory, all together; empty for what
   *     the heap allows
   * @param corsOrigins as browsers send them, or {@code *}; empty where CORS is off
   */
  public record Server(
      String host,
      int port,
      long maxBodySize,
      int maxConnections,
      OptionalLong maxRequestMemory,
      List<String> corsOrigins,
      List<AddressRange> trustedProxies,
      Duration stopTimeout) {

    private static Server read(Settings s) {
      long maxBodySize = s.take("server.max-body-size", Values.size("1KB", "1GB"));
      return new Server(
          s.take("server.host", Addresses.HOST),
          s.take("server.port", Values.number(0, 65_535)),
          maxBodySize,
          s.take("server.max-connections", Values.number(100, 1_000_000)),
          maxRequestMemory(s, maxBodySize),
          orEmpty(s.takeSecret("server.cors-origins", Addresses.ORIGINS)),
          orEmpty(s.take("server.trusted-proxies", Addresses.ADDRESS_RANGES)),
          s.take("server.stop-timeout", Values.DURATION));
    }

    private static OptionalLong maxRequestMemory(Settings s, long maxBodySize) {
      Long given = s.take("server.max-request-memory", Values.size("8MB", "1000GB"));
      if (given != null && given < maxBodySize) {
        s.mistake("server.max-request-memory", "expected no less than server.max-body-size");
      }
      return given == null ? OptionalLong.empty() : OptionalLong.of(given);
    }
  }

  /**
   * A block of addresses, as in RFC 4632 and RFC 4291.
   *
   * @param address any address of the block
   * @param prefix how many leading bits all its addresses share
   */
  public record AddressRange(InetAddress address, int prefix) {

    /** Whether {@code other} is of the block; an IPv4 address is never of an IPv6 block. */
    public boolean contains(InetAddress other) {
      byte[] ours = address.getAddress();
      byte[] theirs = other.getAddress();
      if (ours.length != theirs.length) {
        return false;
      }
      int shift = ours.length * 8 - prefix;
      return new BigInteger(1, ours)
          .shiftRight(shift)
          .equals(new BigInteger(1, theirs).shiftRight(shift));
    }
  }

  /**
   * The database.
   *
   * @param url JDBC, H2's; may hold a password
   * @param sync whether each commit is forced to the disk
   * @param minFreeSpace what must stay free on the disk of the database, in bytes
   */
  public record Database(String url, boolean sync, long minFreeSpace) {

    private static Database read(Settings s, Path dataDir) {
      String url = s.takeSecret("database.url", Values.H2_URL);
      // A semicolon would begin H2's options.
      if (url == null && dataDir.toString().contains(";")) {
        s.mistake("data.dir", "expected a path without ; in it, or database.url to be set");
      }
      return new Database(
          url == null ? "jdbc:h2:file:" + dataDir.resolve("coterie") : url,
          s.take("database.sync", Values.BOOLEAN),
          s.take("database.min-free-space", Values.size("256KB", "1024GB")));
    }

    @Override
    public String toString() {
      return "Database[url=%s, sync=%s, minFreeSpace=%d]"
          .formatted(url.replaceFirst("(?s);.*", ";***"), sync, minFreeSpace);
    }
  }

  /** Who may open an account: anyone, or only the very first user. */
  public enum Registration {
    OPEN,
    CLOSED
  }

  /**
   * Accounts and logins.
   *
   * @param maxRegistrations new accounts from one address within an hour; 0 for no limit
   * @param maxLoginFailures for any accounts from one address within a minute; 0 for no limit
   * @param jwtSecret at least 32 characters; null where the server makes its own
   * @param minPasswordLength in characters
   */
  public record Auth(
      Registration registration,
      int maxRegistrations,
      int maxLoginFailures,
      Duration tokenTtl,
      String jwtSecret,
      int minPasswordLength) {

    private static Auth read(Settings s) {
      return new Auth(
          s.take("auth.registration", Values.choice(Registration.class)),
          s.take("auth.registration.max-per-hour", Values.number(0, 1_000_000)),
          s.take("auth.login.max-failures", Values.number(0, 1_000_000)),
          s.take("auth.token.ttl", Values.DURATION),
          s.takeSecret("auth.jwt.secret", Values.JWT_SECRET),
          s.take("auth.password.min-length", Values.number(1, 72)));
    }

    @Override
    public String toString() {
      return ("Auth[registration=%s, maxRegistrations=%d, maxLoginFailures=%d, tokenTtl=%s,"
              + " jwtSecret=%s, minPasswordLength=%d]")
          .formatted(
              registration,
              maxRegistrations,
              maxLoginFailures,
              tokenTtl,
              mask(jwtSecret),
              minPasswordLength);
    }
  }

  /** One-time strings and live connections. */
  public record Chat(Duration connectionStringTtl, Duration messageStringTtl, long maxOutboxSize) {

    private static Chat read(Settings s) {
      return new Chat(
          s.take("chat.connection-string.ttl", Values.DURATION),
          s.take("chat.message-string.ttl", Values.DURATION),
          s.take("chat.max-outbox-size", Values.size("1KB", "1GB")));
    }
  }

  /**
   * What the operator sees.
   *
   * @param publicMetrics whether anybody may read the metrics
   * @param requestLog whether each request is a line of the log
   */
  public record Operations(boolean publicMetrics, boolean requestLog) {

    private static Operations read(Settings s) {
      return new Operations(
          s.take("metrics.public", Values.BOOLEAN), s.take("log.requests", Values.BOOLEAN));
    }
  }

  /**
   * Which model answers, and how long the server waits for it.
   *
   * @param defaultModel {@code PROVIDER/MODEL}, the provider being one of {@link #providers} and in
   *     lower case; null where none is configured
   */
  public record Model(
      String defaultModel,
      Duration connectTimeout,
      Duration firstTokenTimeout,
      Duration idleTimeout) {

    private static Model read(Settings s, List<ProviderConfig> providers) {
      return new Model(
          ProviderConfig.defaultModel(s, providers),
          s.take("model.connect-timeout", Values.DURATION),
          s.take("model.first-token-timeout", Values.DURATION),
          s.take("model.idle-timeout", Values.DURATION));
    }
  }

  /** Who may install packages. */
  public enum Installers {
    ANYONE,
    USERS,
    ADMINS
  }

  /**
   * What agents may use.
   *
   * @param maxConcurrentRunsPerUser at most all of {@code maxConcurrentRuns}
   * @param maxQueuedRunsPerUser at most all of {@code maxQueuedRuns}
   * @param maxDepth how deep agents may ask agents
   * @param maxSteps model calls of one run, by all its agents together
   * @param maxTokens of one run, in and out together
   * @param maxHistorySize in characters, that is UTF-16 units
   */
  public record Agents(
      Installers install,
      int maxConcurrentRuns,
      int maxConcurrentRunsPerUser,
      int maxQueuedRuns,
      int maxQueuedRunsPerUser,
      int maxDepth,
      int maxSteps,
      int maxTokens,
      int maxHistorySize,
      Duration toolStartTimeout,
      Duration toolTimeout) {

    private static Agents read(Settings s) {
      Integer concurrent = s.take("agents.max-concurrent-runs", Values.number(1, 1000));
      Integer queued = s.take("agents.max-queued-runs", Values.number(0, 100_000));
      return new Agents(
          s.take("agents.install", Values.choice(Installers.class)),
          concurrent,
          orHalf(s.take("agents.max-concurrent-runs-per-user", Values.number(1, 1000)), concurrent),
          queued,
          orHalf(s.take("agents.max-queued-runs-per-user", Values.number(0, 100_000)), queued),
          s.take("agents.max-depth", Values.number(1, 20)),
          s.take("agents.max-steps", Values.number(1, 1000)),
          s.take("agents.max-tokens", Values.number(1, 1_000_000_000)),
          s.take("agents.max-history-size", Values.number(1000, 10_000_000)),
          s.take("agents.tool-start-timeout", Values.DURATION),
          s.take("agents.tool-timeout", Values.DURATION));
    }

    /** One user's part: half of what there is where none is given, and one of whatever there is. */
    private static int orHalf(Integer given, int all) {
      return Math.min(given == null ? Math.max(1, all / 2) : given, all);
    }
  }

  /** What each user may use, 0 being no limit; tokens in and out together, days in UTC. */
  public record Quota(int tokensPerDay, int requestsPerMinute) {

    private static Quota read(Settings s) {
      return new Quota(
          s.take("quota.user.tokens-per-day", Values.number(0, 2_000_000_000)),
          s.take("quota.user.requests-per-minute", Values.number(0, 1_000_000)));
    }
  }

  /** What a text shows in place of a secret. */
  static String mask(String secret) {
    return secret == null ? "none" : "***";
  }

  private static <T> List<T> orEmpty(List<T> list) {
    return list == null ? List.of() : list;
  }
}
