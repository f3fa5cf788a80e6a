package io.coterie.storage;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.h2.jdbcx.JdbcDataSource;

/**
 * The JDBC address of an H2 database: what it gets beside what it names, and its file. Stateless.
 */
final class H2Address {

  private static final Pattern FILE_URL =
      Pattern.compile("jdbc:h2:(?:file:)?(?!mem:|tcp:|ssl:|zip:)(.+)", Pattern.DOTALL);

  private static final Pattern OTHER_FILE_SYSTEM = Pattern.compile("[a-zA-Z][a-zA-Z0-9]+:.*");

  /**
   * What an address gets that does not choose for itself. H2 itself writes nothing, as {@link
   * StoreFile} sees to it, before a transaction returns: the checkpoint that every transaction here
   * waits for does, several of them at once under load. Each such write holds every page that was
   * touched, so small pages keep the file small. The file is compacted while the server runs; at
   * its end H2 would hold up the stop and, with the little time it has, leave a larger file.
   * CACHE_SIZE is in KB. The trace file could hold what people wrote.
   */
  private static final Map<String, String> OPTIONS =
      new TreeMap<>(
          Map.of(
              "DB_CLOSE_ON_EXIT", "FALSE",
              "CACHE_SIZE", "8192",
              "MAX_COMPACT_TIME", "0",
              "PAGE_SIZE", "1024",
              "QUERY_CACHE_SIZE", "64",
              "TRACE_LEVEL_FILE", "0"));

  private H2Address() {}

  /**
   * Where connections to the database come from.
   *
   * @param ordered whether its file is written in order
   */
  static JdbcDataSource source(String url, boolean ordered) {
    JdbcDataSource source = new JdbcDataSource();
    source.setURL(withOptions(ordered ? ordered(url) : url));
    source.setUser("sa");
    return source;
  }

  /** The file that {@code url} keeps its database in; empty where that is no plain file. */
  static Optional<Path> file(String url) {
    Matcher file = FILE_URL.matcher(url.replaceFirst("(?s);.*", ""));
    if (!file.matches()
        || OTHER_FILE_SYSTEM.matcher(file.group(1)).matches()
        || url.toUpperCase(Locale.ROOT).contains(";CIPHER=")) {
      return Optional.empty();
    }
    try {
      String home = System.getProperty("user.home");
      String path = file.group(1).replaceFirst("^~(?=/)", Matcher.quoteReplacement(home));
      return Optional.of(Path.of(path + ".mv.db").toAbsolutePath());
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /**
   * By which of H2's file systems a database's file is written; may be empty.
   *
   * @param ordered whether it is written in order
   */
  static String scheme(boolean ordered) {
    return ordered ? OrderedFilePath.SCHEME + ":" : "";
  }

  /** The address of the same file, written in order; what is no file stays as it is. */
  private static String ordered(String url) {
    Matcher file = FILE_URL.matcher(url);
    if (!file.matches()) {
      return url;
    }
    OrderedFilePath.register();
    return "jdbc:h2:" + scheme(true) + file.group(1);
  }

  private static String withOptions(String url) {
    StringBuilder full = new StringBuilder(url);
    OPTIONS.forEach(
        (name, value) -> {
          if (!url.toUpperCase(Locale.ROOT).contains(";" + name + "=")) {
            full.append(';').append(name).append('=').append(value);
          }
        });
    return full.toString();
  }
}
