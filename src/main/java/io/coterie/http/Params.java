package io.coterie.http;

import io.coterie.storage.Ids;
import io.javalin.http.Context;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;

/** Query and path parameters, read by the rules that hold on every route. */
public final class Params {

  private static final int MAX_LIMIT = 200;
  private static final int MAX_DIGITS = 18;

  private Params() {}

  /** A query parameter; empty where it is absent or blank. */
  public static Optional<String> query(Context ctx, String name) {
    return Optional.ofNullable(ctx.queryParam(name)).filter(value -> !value.isBlank());
  }

  /** A query parameter; 400 {@code missing} where it is absent or blank. */
  public static String required(Context ctx, String name, String missing) {
    return query(ctx, name).orElseThrow(() -> ApiException.badRequest(missing));
  }

  /**
   * An identifier in the query; empty where it is absent, 404 {@code notFound} where it has no
   * identifier's form.
   */
  public static Optional<UUID> id(Context ctx, String name, String notFound) {
    return query(ctx, name)
        .map(text -> Ids.parse(text).orElseThrow(() -> ApiException.notFound(notFound)));
  }

  /** {@code limit}, 1 to 200; empty where it is absent. */
  public static OptionalInt limit(Context ctx) {
    String text = ctx.queryParam("limit");
    if (text == null) {
      return OptionalInt.empty();
    }
    long limit = nonNegative(text).orElse(0);
    if (limit < 1 || limit > MAX_LIMIT) {
      throw ApiException.badRequest("limit must be a number from 1 to " + MAX_LIMIT);
    }
    return OptionalInt.of((int) limit);
  }

  /** Whether a query parameter that is a switch is on. */
  public static boolean isOn(Context ctx, String name) {
    String text = ctx.queryParam(name);
    return "1".equals(text) || "true".equals(text);
  }

  /** A whole number from 0 in decimal digits, the largest standing for all above; else empty. */
  public static OptionalLong nonNegative(String text) {
    if (text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(text.length() > MAX_DIGITS ? Long.MAX_VALUE : Long.parseLong(text));
  }
}
