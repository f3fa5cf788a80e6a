package io.coterie.http;

import io.javalin.security.RouteRole;

/** Who may use a route. A route without one is refused to everybody. */
public enum Access implements RouteRole {
  /** Anybody. */
  PUBLIC,
  /** Anybody, but a token that is sent must be good. */
  OPTIONAL,
  /** Whoever presents a one-time string; the handler checks it. */
  ONE_TIME_STRING,
  /** A one-time string or a token; the handler decides which was sent. */
  STRING_OR_USER,
  /** A user with a valid token. */
  USER,
  /** A valid token, even if its user is gone: the handler tells. */
  ACCOUNT,
  /** An administrator. */
  ADMIN
}
