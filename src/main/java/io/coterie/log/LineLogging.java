package io.coterie.log;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * What SLF4J logs with: a line on standard output for each record, whatever it holds. Found by
 * SLF4J itself. The system property {@code coterie.log.level} raises the level of all. Thread-safe.
 */
public final class LineLogging implements SLF4JServiceProvider {

  private static final String SLF4J = "2.0.99";

  /**
   * The levels of other people's code, by the beginning of its loggers' names. Jetty's warnings
   * repeat what clients send; those about threads and sockets do not.
   */
  private static final Map<String, Level> LEVELS =
      Map.of(
          "", Level.INFO,
          "io.javalin", Level.ERROR,
          "org.eclipse.jetty", Level.ERROR,
          "org.eclipse.jetty.io", Level.WARN,
          "org.eclipse.jetty.server.AbstractConnector", Level.WARN,
          "org.eclipse.jetty.util.thread", Level.WARN,
          "org.flywaydb", Level.WARN,
          "io.modelcontextprotocol", Level.WARN,
          "reactor", Level.WARN);

  private final Map<String, Logger> loggers = new ConcurrentHashMap<>();
  private final IMarkerFactory markers = new BasicMarkerFactory();
  private final MDCAdapter contexts = new NOPMDCAdapter();

  @Override
  public void initialize() {}

  @Override
  public ILoggerFactory getLoggerFactory() {
    return name -> loggers.computeIfAbsent(name, it -> new LineLogger(it, level(it)));
  }

  @Override
  public IMarkerFactory getMarkerFactory() {
    return markers;
  }

  @Override
  public MDCAdapter getMDCAdapter() {
    return contexts;
  }

  @Override
  public String getRequestedApiVersion() {
    return SLF4J;
  }

  static Level level(String name) {
    Level level = LEVELS.get("");
    for (Map.Entry<String, Level> each : new TreeMap<>(LEVELS).entrySet()) {
      if (name.equals(each.getKey()) || name.startsWith(each.getKey() + ".")) {
        level = each.getValue();
      }
    }
    Level least =
        Level.valueOf(System.getProperty("coterie.log.level", "TRACE").toUpperCase(Locale.ROOT));
    return least.toInt() > level.toInt() ? least : level;
  }
}
