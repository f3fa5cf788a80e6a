package io.coterie.http;

import io.javalin.http.Context;
import io.javalin.security.RouteRole;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

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

  /** How long a decision holds that was taken when a request's head had come. */
  private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

  private static final String ATTRIBUTE = "principal";
  private static final String DECISION = "io.coterie.decision";
  private static final String SCHEME = "bearer ";

  /** What was decided when a request's head had come; {@code refusal} is null where it may pass. */
  private record Decision(
      Set<? extends RouteRole> roles,
      Optional<Principal> principal,
      RuntimeException refusal,
      long nanos) {

    boolean holdsFor(Set<? extends RouteRole> others) {
      return roles.equals(others) && System.nanoTime() - nanos < FRESH_NANOS;
    }
  }

  private final Verifier verifier;

  public Authentication(Verifier verifier) {
    this.verifier = verifier;
  }

  /** Lets the request pass or throws; for {@code beforeMatched} and {@code wsBeforeUpgrade}. */
  public void check(Context ctx) {
    Decision decision =
        ctx.req().getAttribute(DECISION) instanceof Decision early
                && early.holdsFor(ctx.routeRoles())
            ? early
            : decide(ctx.routeRoles(), ctx.header("Authorization"));
    if (decision.refusal != null) {
      throw decision.refusal;
    }
    decision.principal.ifPresent(
        principal -> {
          ctx.attribute(ATTRIBUTE, principal);
          RequestWatch.noteUser(ctx, principal);
        });
  }

  /**
   * Decides on a request whose body has not been read, so that the body of one that is refused
   * never is; {@link #check} tells its sender.
   *
   * @param roles those of its route
   * @return empty where it is refused, else who makes it, where somebody says so
   */
  Optional<Optional<Principal>> decide(Request request, Set<? extends RouteRole> roles) {
    Decision decision = decide(roles, request.getHeaders().get(HttpHeader.AUTHORIZATION));
    request.setAttribute(DECISION, decision);
    return decision.refusal == null ? Optional.of(decision.principal) : Optional.empty();
  }

  private Decision decide(Set<? extends RouteRole> roles, String authorization) {
    long now = System.nanoTime();
    try {
      return new Decision(roles, admit(roles, authorization), null, now);
    } catch (RuntimeException e) {
      return new Decision(roles, Optional.empty(), e, now);
    }
  }

  private Optional<Principal> admit(Set<? extends RouteRole> roles, String authorization) {
    Keys keys = only(roles, Keys.class).orElse(Keys.NO_KEY);
    return switch (only(roles, Access.class).orElse(Access.ADMIN)) {
      case PUBLIC, ONE_TIME_STRING -> Optional.empty();
      case OPTIONAL, STRING_OR_USER ->
          authorization == null
              ? Optional.empty()
              : Optional.of(existing(authenticate(authorization, keys)));
      case ACCOUNT -> Optional.of(authenticate(authorization, keys));
      case USER -> Optional.of(existing(authenticate(authorization, keys)));
      case ADMIN -> {
        Principal principal = existing(authenticate(authorization, keys));
        if (!principal.admin()) {
          throw ApiException.forbidden("Admin only");
        }
        yield Optional.of(principal);
      }
    };
  }

  /** The route's one role of that type; empty where it has none or several. */
  private static <R extends RouteRole> Optional<R> only(
      Set<? extends RouteRole> roles, Class<R> type) {
    List<R> found = roles.stream().filter(type::isInstance).map(type::cast).distinct().toList();
    return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
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

  private Principal authenticate(String header, Keys keys) {
    if (header == null || header.isBlank()) {
      throw ApiException.unauthorized("Missing Authorization Header");
    }
    if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw ApiException.unauthorized("Invalid token");
    }
    Principal principal = verifier.verify(header.substring(SCHEME.length()).trim());
    requireValidHere(principal, keys);
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
