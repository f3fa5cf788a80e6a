package io.coterie.http;

import io.javalin.security.RouteRole;

/** How long the body of a route's requests may be. A route without one takes a usual one. */
public enum BodySize implements RouteRole {
  /** As the operator has set it. */
  USUAL,
  /** That of a package. */
  PACKAGE
}
