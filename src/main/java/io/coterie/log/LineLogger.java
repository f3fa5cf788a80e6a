package io.coterie.log;

import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** Writes its records to standard output, each on a line of its own. Thread-safe. */
final class LineLogger extends LegacyAbstractLogger {

  private static final long serialVersionUID = 1L;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSXXX", Locale.ROOT);

  private final int level;

  LineLogger(String name, Level level) {
    this.name = name;
    this.level = level.toInt();
  }

  @Override
  public boolean isTraceEnabled() {
    return level <= Level.TRACE.toInt();
  }

  @Override
  public boolean isDebugEnabled() {
    return level <= Level.DEBUG.toInt();
  }

  @Override
  public boolean isInfoEnabled() {
    return level <= Level.INFO.toInt();
  }

  @Override
  public boolean isWarnEnabled() {
    return level <= Level.WARN.toInt();
  }

  @Override
  public boolean isErrorEnabled() {
    return level <= Level.ERROR.toInt();
  }

  @Override
  protected String getFullyQualifiedCallerName() {
    return null;
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level at, Marker marker, String pattern, Object[] arguments, Throwable failure) {
    String text = MessageFormatter.basicArrayFormat(pattern, arguments);
    StringBuilder line = new StringBuilder();
    TIME.formatTo(OffsetDateTime.now().truncatedTo(ChronoUnit.MILLIS), line);
    line.append(' ').append(at).append(' ').append(name.substring(name.lastIndexOf('.') + 1));
    line.append(" - ").append(text);
    if (failure != null) {
      line.append(": ").append(FailureText.of(failure));
    }
    System.out.println(OneLine.of(line));
  }
}
