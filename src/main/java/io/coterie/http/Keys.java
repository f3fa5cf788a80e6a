package io.coterie.http;

import io.javalin.security.RouteRole;

/**
 * Which API keys may use a route, of those whose user may ({@link Access}). A route that does not
 * say takes none.
 */
public enum Keys implements RouteRole {
  /** Any. The handler holds one that is scoped to its workspace: {@link Principal#requireReach}. */
  ANY_KEY,
  /** Those that are not scoped to a workspace. */
  UNSCOPED_KEY,
  /** None: keys cannot make keys, nor change passwords and accounts. */
  NO_KEY
}
