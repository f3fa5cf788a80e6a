package io.coterie.tools;

import java.time.Duration;

/** No answer came in time. */
final class TimedOut extends ToolFailure {

  private static final long serialVersionUID = 1L;

  TimedOut(String who, Duration limit) {
    super(who + " did not answer within " + words(limit) + ".", false, null);
  }

  private static String words(Duration limit) {
    long seconds = limit.toSeconds();
    if (seconds == 0) {
      return limit.toMillis() + " milliseconds";
    }
    return seconds == 1 ? "one second" : seconds + " seconds";
  }
}
