package io.coterie.usage;

import io.coterie.http.ApiException;
import io.coterie.http.Authentication;
import io.coterie.http.Params;
import io.javalin.http.Context;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/** What a user's agents have used. Thread-safe. */
public final class UsageHandler {

  private static final Pattern DAY = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
  private static final LocalDate FIRST = LocalDate.of(1, 1, 1);
  private static final LocalDate LAST = LocalDate.of(9999, 12, 31);

  /**
   * @param model null where the agent asks none
   * @param timeMs how long the agent worked, waiting for those that it asked included
   */
  private record View(
      String day,
      String agentId,
      String model,
      long runs,
      long inputTokens,
      long outputTokens,
      long timeMs) {

    static View of(UsageDao.DayRow row) {
      return new View(
          row.usedOn().toString(),
          row.agentId(),
          row.model().isEmpty() ? null : row.model(),
          row.runs(),
          row.inputTokens(),
          row.outputTokens(),
          row.timeMs());
    }
  }

  private final UsageLog usage;

  public UsageHandler(UsageLog usage) {
    this.usage = usage;
  }

  /** The usage by day, newest first; {@code from} and {@code to} bound the days. */
  public void list(Context ctx) {
    UUID userId = Authentication.principal(ctx).userId();
    LocalDate from = day(ctx, "from", FIRST);
    LocalDate to = day(ctx, "to", LAST);
    List<View> views = usage.between(userId, from, to).stream().map(View::of).toList();
    ctx.json(Map.of("usage", views));
  }

  private static LocalDate day(Context ctx, String name, LocalDate fallback) {
    String text = Params.query(ctx, name).orElse(null);
    if (text == null) {
      return fallback;
    }
    try {
      if (DAY.matcher(text).matches() && !text.startsWith("0000")) {
        return LocalDate.parse(text);
      }
    } catch (DateTimeException e) {
      // As any other text that is no day.
    }
    throw ApiException.badRequest(name + " must be a day such as 2026-01-31");
  }
}
