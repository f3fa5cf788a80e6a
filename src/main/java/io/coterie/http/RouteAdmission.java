package io.coterie.http;

import io.javalin.http.HandlerType;
import io.javalin.router.Endpoint;
import io.javalin.router.InternalRouter;
import io.javalin.router.ParsedEndpoint;
import io.javalin.security.Roles;
import io.javalin.security.RouteRole;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.eclipse.jetty.server.Request;

/**
 * Decides on a body by its route: nothing of it is kept where no route has the path and method, or
 * where the route needs a token and no valid one came. Thread-safe.
 */
public final class RouteAdmission implements BodyIntake.Admission {

  /**
   * How long bodies may be, in bytes.
   *
   * @param open where no user is known
   * @param usual where one is
   * @param aPackage a package's
   */
  public record Limits(long open, long usual, long aPackage) {}

  private static final Object STRANGERS = "strangers";
  private static final String SOCKET_IO = "/socket.io/";
  private static final BodyIntake.Verdict UNWANTED =
      new BodyIntake.Verdict(STRANGERS, 0, BodyIntake.Use.NONE);

  private final Supplier<InternalRouter> router;
  private final Authentication authentication;
  private final Limits limits;
  private final Predicate<Endpoint> takesPackages;
  private final ToLongFunction<Request> socketIoLimit;

  /**
   * @param takesPackages to which routes packages are sent
   * @param socketIoLimit how long what a Socket.IO client sends may be
   */
  public RouteAdmission(
      Supplier<InternalRouter> router,
      Authentication authentication,
      Limits limits,
      Predicate<Endpoint> takesPackages,
      ToLongFunction<Request> socketIoLimit) {
    this.router = router;
    this.authentication = authentication;
    this.limits = limits;
    this.takesPackages = takesPackages;
    this.socketIoLimit = socketIoLimit;
  }

  @Override
  public BodyIntake.Verdict judge(Request request) {
    String path = request.getHttpURI().getPath();
    if (path.startsWith(SOCKET_IO)) {
      return json(STRANGERS, socketIoLimit.applyAsLong(request));
    }
    HandlerType method = HandlerType.findOrDefault(request.getMethod());
    ParsedEndpoint found = router.get().findFirstHttpHandlerEntry(method, path);
    if (found == null) {
      return UNWANTED;
    }
    Roles declared = found.endpoint.metadata(Roles.class);
    Set<? extends RouteRole> roles = declared == null ? Set.of() : declared.getRoles();
    return authentication
        .decide(request, roles)
        .map(principal -> judge(principal, found.endpoint))
        .orElse(UNWANTED);
  }

  private BodyIntake.Verdict judge(Optional<Principal> principal, Endpoint route) {
    if (principal.isEmpty()) {
      return json(STRANGERS, limits.open());
    }
    Object owner = principal.get().userId();
    return takesPackages.test(route)
        ? new BodyIntake.Verdict(owner, limits.aPackage(), BodyIntake.Use.BYTES)
        : json(owner, limits.usual());
  }

  private static BodyIntake.Verdict json(Object owner, long maxSize) {
    return new BodyIntake.Verdict(owner, maxSize, BodyIntake.Use.JSON);
  }
}
