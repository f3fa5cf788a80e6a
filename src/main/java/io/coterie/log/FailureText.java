package io.coterie.log;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * An exception for the log: what it is, where it comes from, and its message unless that may repeat
 * what somebody sent. Stateless.
 */
final class FailureText {

  private static final int MAX_FRAMES = 60;
  private static final int MAX_CAUSES = 8;
  private static final int MAX_MESSAGE = 1_000;

  private FailureText() {}

  static String of(Throwable failure) {
    StringBuilder text = new StringBuilder();
    Set<Throwable> told = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Throwable each = failure; each != null && told.size() < MAX_CAUSES; ) {
      if (!told.add(each)) {
        break;
      }
      text.append(told.size() == 1 ? "" : "; caused by ").append(each.getClass().getName());
      String message = quotesInput(each) ? null : each.getMessage();
      if (message != null) {
        boolean isLong = message.length() > MAX_MESSAGE;
        text.append(": ").append(isLong ? message.substring(0, MAX_MESSAGE) + "..." : message);
      }
      StackTraceElement[] frames = each.getStackTrace();
      for (int i = 0; i < Math.min(frames.length, MAX_FRAMES); i++) {
        text.append(i == 0 ? " at " : " < ").append(frames[i]);
      }
      each = each.getCause();
    }
    return text.toString();
  }

  /**
   * Whether messages of that kind are made of what could not be read: parsers' and those of
   * arguments, and those that merely repeat the message of such a cause.
   */
  private static boolean quotesInput(Throwable failure) {
    for (Class<?> type = failure.getClass(); type != null; type = type.getSuperclass()) {
      String name = type.getName();
      if (name.startsWith("com.fasterxml.jackson.")
          || name.startsWith("org.eclipse.jetty.http.")
          || name.equals("java.lang.IllegalArgumentException")
          || name.equals("java.time.DateTimeException")
          || name.equals("java.text.ParseException")
          || name.equals("java.net.URISyntaxException")) {
        return true;
      }
    }
    Throwable cause = failure.getCause();
    return cause != null
        && cause != failure
        && failure.getMessage() != null
        && cause.getMessage() != null
        && failure.getMessage().contains(cause.getMessage())
        && quotesInput(cause);
  }
}
