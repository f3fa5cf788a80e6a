package io.coterie.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The catalogue of settings, and the reading of them. A new setting is a line of {@link #TABLE} and
 * a component of {@link Config} that takes it; {@code --help} and all sources follow. Mistakes are
 * gathered, never thrown. Not thread-safe.
 */
final class Settings {

  /** Each group's title, then its settings as {@code key=default | meaning}. */
  private static final String TABLE =
      """
      Server
      server.host=127.0.0.1           | Host name or address to listen on; 0.0.0.0 is all there are
      server.port=7070                | Port to listen on; 0 takes any free one
      server.max-body-size=1MB        | Longest body of a request (packages have a limit of their own)
      server.max-connections=10000    | Connections at once, 100 to 1000000; beyond it those that idle are closed
      server.max-request-memory=      | What requests hold in memory, all together; where empty, an eighth of the heap
      server.cors-origins=            | Web pages that may call: origins such as https://a.example, or *
      server.trusted-proxies=         | Proxies whose X-Forwarded-For is believed: addresses, 10.0.0.0/8
      server.stop-timeout=5s          | How long replies in progress get to finish when the server stops

      Data
      data.dir=data                   | The one folder that the server writes to
      database.url=                   | Address of the database, jdbc:h2:...; where empty, a file under data.dir
      database.sync=false             | Forces each commit to the disk: survives a power cut, but slower
      database.min-free-space=1MB     | What stays free on the database's disk: with less, nothing is stored

      Accounts
      auth.registration=open          | Who may register: open for anyone, closed for the first user only
      auth.registration.max-per-hour=20 | New accounts from one address within an hour; 0 is no limit
      auth.login.max-failures=30      | Failed logins from one address within a minute; 0 is no limit
      auth.token.ttl=7d               | How long a login is good for
      auth.jwt.secret=                | Signs logins, 32 characters or more; where empty, made and kept in data.dir
      auth.password.min-length=1      | Fewest characters of a new password, 1 to 72

      Chat
      chat.connection-string.ttl=5m   | How long a connection string can be used
      chat.message-string.ttl=1m      | How long a message string can be used
      chat.max-outbox-size=4MB        | What may wait for one slow client before it is cut off

      Operations
      metrics.public=false            | Lets anybody read /metrics, not only an admin
      log.requests=true               | Writes a line to the log for each request

      Models
      model.default=                  | Model of agents that name none: PROVIDER/MODEL, as openai/gpt-4.1-mini
      model.connect-timeout=10s       | How long connecting to a model's provider may take
      model.first-token-timeout=120s  | How long a model may take to begin its answer
      model.idle-timeout=60s          | How long a model may pause within its answer
      provider.NAME.type=             | What the provider speaks: openai (or compatible), anthropic or ollama
      provider.NAME.base-url=         | Its address, http or https; where empty, the usual one of its type
      provider.NAME.api-key=          | Its API key, where it needs one

      Agents
      agents.install=users            | Who may install packages: anyone, users (logged in) or admins
      agents.max-concurrent-runs=100  | Runs at the same time that ask a model, 1 to 1000; others do not wait for them
      agents.max-concurrent-runs-per-user= | Of those, the runs of one user, 1 to 1000; where empty, half
      agents.max-queued-runs=1000     | Runs that may wait for their turn, 0 to 100000
      agents.max-queued-runs-per-user= | Of those, the runs of one user, 0 to 100000; where empty, half
      agents.max-depth=5              | How deep agents may ask agents, 1 to 20
      agents.max-steps=50             | Model calls of one run, by all its agents together, 1 to 1000
      agents.max-tokens=500000        | Tokens of one run, in and out, by all its agents together
      agents.max-history-size=200000  | Characters that are given to a model at once, 1000 to 10000000
      agents.tool-start-timeout=30s   | How long a tool server may take to start and to list its tools
      agents.tool-timeout=60s         | How long one call of a tool may take
      registry.urls=own:,bundled:     | Where packages come from, in order: own:, bundled:, file: or http(s) URLs

      Quotas
      quota.user.tokens-per-day=0     | Tokens, in and out, that the agents of each user may use in a day (UTC); 0 is no limit
      quota.user.requests-per-minute=0 | Requests that each user may make in a minute, keys included; 0 is no limit
      """;

  private static final String HELP_HEAD =
      """
      Coterie: a server where people and AI agents work in shared workspaces.

      Usage: java -jar coterie.jar [--KEY=VALUE ...]
             java -jar coterie.jar pack DIR [OUT]
             java -jar coterie.jar backup|restore|export|import FILE [--KEY=VALUE ...]

        pack DIR [OUT]                   check the package in folder DIR and add it to the registry in
                                         folder OUT, where none is given in registry; no server starts
        backup FILE                      write all data to FILE, while the server runs or not
        restore FILE                     put it back; what was there is kept in a folder beside
        export FILE                      write the database alone, as an SQL script (.sql, .sql.gz)
        import FILE                      make a new database of such a script
        --config=FILE                    read FILE instead of config.properties
        --help, -h                       print this and end
        --version                        print the version and end

      Settings are read from config.properties in the working directory (KEY=VALUE, UTF-8), then
      environment variables, then arguments --KEY=VALUE. The later one wins; an empty value counts
      as not given. Others can see arguments: a secret is better kept in the file or the environment.

      Durations are 500ms, 90s, 5m, 12h, 7d or a number of seconds. Sizes are a number of bytes, or
      KB, MB, GB (1 KB is 1,024 bytes). Lists have commas between. NAME stands for a provider's name:
      letters and digits, upper and lower case being the same.

      OPENAI_API_KEY or ANTHROPIC_API_KEY in the environment alone is enough to get a model: it makes
      a provider named openai or anthropic, or gives its key to one configured under that name without
      a key and at its usual address. OPENAI_BASE_URL beside the key is then the address. Where
      model.default is empty, it is openai/%s, or anthropic/%s,
      if that provider has a key and no address of its own.
      """;

  /** A line of the catalogue; {@code fallback} is the default as written, empty for none. */
  record Setting(String group, String key, String fallback, String meaning) {
    String variable() {
      return Sources.variableOf(key);
    }
  }

  private static final Map<String, Setting> CATALOGUE = parse(TABLE);

  private final List<String> mistakes = new ArrayList<>();
  private final Set<String> known = new TreeSet<>();
  private final Sources sources;
  private final Path directory;

  Settings(String[] args, Map<String, String> environment, Path directory) {
    this.directory = directory.toAbsolutePath();
    this.sources = new Sources(args, environment, directory, mistakes);
  }

  /** Every setting, {@code provider.NAME} standing for any provider, in the order of help. */
  static List<Setting> catalogue() {
    return List.copyOf(CATALOGUE.values());
  }

  static String help() {
    StringBuilder text =
        new StringBuilder(
            HELP_HEAD.formatted(
                ProviderConfig.Type.OPENAI.usualModel, ProviderConfig.Type.ANTHROPIC.usualModel));
    String group = "";
    for (Setting setting : CATALOGUE.values()) {
      if (!setting.group().equals(group)) {
        group = setting.group();
        text.append('\n').append(group).append('\n');
      }
      String assigned = setting.key() + "=" + setting.fallback();
      text.append("  %-40s%s\n".formatted(assigned, setting.variable()));
      text.append("      ").append(setting.meaning()).append('\n');
    }
    return text.toString();
  }

  /** The value that wins, or the default; null where there is neither. */
  <T> T take(String key, Values.Kind<T> kind) {
    return take(key, kind, true);
  }

  /** As {@link #take}, for what may hold a secret: a mistake never shows the value. */
  <T> T takeSecret(String key, Values.Kind<T> kind) {
    return take(key, kind, false);
  }

  private <T> T take(String key, Values.Kind<T> kind, boolean isShown) {
    known.add(key);
    String fallback = CATALOGUE.get(nameless(key)).fallback();
    T value = fallback.isEmpty() ? null : kind.read(fallback);
    for (Sources.Given given : sources.given(key)) {
      T read = kind.read(given.value());
      if (read == null) {
        String shown = isShown ? ", not '" + Values.printable(given.value()) + "'" : "";
        mistakes.add(given.where() + ": expected " + kind.expected() + shown);
      } else {
        value = read;
      }
    }
    return value;
  }

  /** A variable that other programs read too; null where it is not set. Its value is a secret. */
  <T> T takeForeign(String variable, Values.Kind<T> kind) {
    String value = sources.foreignVariable(variable);
    T read = value == null ? null : kind.read(value);
    if (value != null && read == null) {
      mistakes.add("environment variable " + variable + ": expected " + kind.expected());
    }
    return read;
  }

  boolean isForeignGiven(String variable) {
    return sources.foreignVariable(variable) != null;
  }

  boolean isGiven(String key) {
    return !sources.given(key).isEmpty();
  }

  /** Paths are relative to this one. */
  Path directory() {
    return directory;
  }

  /** Every name that {@code provider.} keys speak of, in lower case. */
  Set<String> providerNames() {
    return sources.providerNames();
  }

  /** Notes that the value of {@code key} does not go with other settings. */
  void mistake(String key, String what) {
    List<Sources.Given> given = sources.given(key);
    String where = given.isEmpty() ? key : given.get(given.size() - 1).where();
    mistakes.add(where + ": " + what);
  }

  /** Ends the reading. */
  void check() {
    sources.refuseUnknown(known);
    if (!mistakes.isEmpty()) {
      throw new ConfigException(mistakes);
    }
  }

  private static String nameless(String key) {
    return key.replaceFirst("^provider\\.[^.]+\\.", "provider.NAME.");
  }

  private static Map<String, Setting> parse(String table) {
    Map<String, Setting> settings = new LinkedHashMap<>();
    String group = "";
    for (String line : table.lines().filter(l -> !l.isBlank()).toList()) {
      String[] cells = line.split("[=|]", 3);
      if (cells.length == 1) {
        group = line;
      } else {
        settings.put(cells[0], new Setting(group, cells[0], cells[1].strip(), cells[2].strip()));
      }
    }
    return Collections.unmodifiableMap(settings);
  }
}
