package io.coterie.http;

import java.util.concurrent.Executor;

/**
 * What bounds all that clients send.
 *
 * @param memory what bodies and frames may hold
 * @param packages the same of packages, which are few and large
 * @param turns what reading them as JSON may cost
 * @param readers the threads that take what comes, for as long as it takes to come
 */
public record Intake(RequestMemory memory, RequestMemory packages, Turns turns, Executor readers) {

  /** As many readers as there is something for them to do: the rest is left to those who answer. */
  private static final int READERS = 2;

  public static Intake of(RequestMemory memory, RequestMemory packages, Turns turns, Executor all) {
    return new Intake(memory, packages, turns, new Lanes(READERS, all));
  }
}
