package io.coterie.http;

import io.javalin.http.Context;
import io.javalin.security.RouteRole;
import java.util.List;
import java.util.Optional;

/**
 * Decides, before any handler runs, whether a request may pass, from its route's {@link Access} and
 * {@link Keys} and its bearer token (RFC 6750). Fails closed: a route that names no access is an
 * administrator's, and one that names no keys takes none. Thread-safe.
 */
public final class Authentication {

  /** Checks a bearer token; throws a 401 {@link ApiException} that says what is wrong with it. */
  public interface Verifier {
    /** Whose token it is; the user may be gone. */
    Principal verify(String token);
  }

  private static final String ATTRIBUTE = "principal";
  private static final String SCHEME = "bearer ";

  private final Verifier verifier;

  public Authentication(Verifier verifier) {
    this.verifier = verifier;
  }

  /** Lets the request pass or throws; for {@code beforeMatched} and {@code wsBeforeUpgrade}. */
  public void check(Context ctx) {
    Access access = only(ctx, Access.class).orElse(Access.ADMIN);
    switch (access) {
      case PUBLIC, ONE_TIME_STRING -> {}
      case OPTIONAL, STRING_OR_USER -> {
        if (ctx.header("Authorization") != null) {
          existing(authenticate(ctx));
        }
      }
      case ACCOUNT -> authenticate(ctx);
      case USER -> existing(authenticate(ctx));
      case ADMIN -> {
        if (!existing(authenticate(ctx)).admin()) {
          throw ApiException.forbidden("Admin only");
        }
      }
    }
  }

  /** The route's one role of that type; empty where it has none or several. */
  private static <R extends RouteRole> Optional<R> only(Context ctx, Class<R> type) {
    List<R> roles =
        ctx.routeRoles().stream().filter(type::isInstance).map(type::cast).distinct().toList();
    return roles.size() == 1 ? Optional.of(roles.get(0)) : Optional.empty();
  }

  /** Who makes this request; only on routes that need a user. */
  public static Principal principal(Context ctx) {
    return optionalPrincipal(ctx)
        .orElseThrow(() -> ApiException.unauthorized("Missing Authorization Header"));
  }

  /** Who makes this request, where a token was sent. */
  public static Optional<Principal> optionalPrincipal(Context ctx) {
    return Optional.ofNullable(ctx.attribute(ATTRIBUTE));
  }

  private Principal authenticate(Context ctx) {
    String header = ctx.header("Authorization");
    if (header == null || header.isBlank()) {
      throw ApiException.unauthorized("Missing Authorization Header");
    }
    if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw ApiException.unauthorized("Invalid token");
    }
    Principal principal = verifier.verify(header.substring(SCHEME.length()).trim());
    requireValidHere(principal, only(ctx, Keys.class).orElse(Keys.NO_KEY));
    ctx.attribute(ATTRIBUTE, principal);
    RequestWatch.noteUser(ctx, principal);
    return principal;
  }

  private static void requireValidHere(Principal principal, Keys keys) {
    boolean valid =
        switch (keys) {
          case ANY_KEY -> true;
          case UNSCOPED_KEY -> !principal.scoped();
          case NO_KEY -> !principal.byKey();
        };
    if (!valid) {
      throw Principal.keyNotValidHere();
    }
  }

  private static Principal existing(Principal principal) {
    if (!principal.exists()) {
      throw ApiException.unauthorized("Token has been revoked");
    }
    return principal;
  }
}
