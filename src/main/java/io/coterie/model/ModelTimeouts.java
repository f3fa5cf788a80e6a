package io.coterie.model;

import java.time.Duration;

/**
 * How long to wait for a model before giving the request up. All are positive. Immutable.
 *
 * @param connect until the connection stands
 * @param firstToken from sending the request until the first byte of the reply's body
 * @param idle between two pieces of the body
 */
public record ModelTimeouts(Duration connect, Duration firstToken, Duration idle) {

  public ModelTimeouts {
    requirePositive(connect, "connect");
    requirePositive(firstToken, "firstToken");
    requirePositive(idle, "idle");
  }

  private static void requirePositive(Duration duration, String name) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(name + " must be positive");
    }
  }
}
