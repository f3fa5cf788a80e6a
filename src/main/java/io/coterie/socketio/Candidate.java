package io.coterie.socketio;

/**
 * The transport, if any, that asks for the place of the one there is: it has to be probed first,
 * and to be quick. Not thread-safe.
 */
final class Candidate {

  private Transport transport;
  private boolean probed;
  private long deadline;

  boolean isThere() {
    return transport != null;
  }

  boolean is(Transport other) {
    return transport == other;
  }

  void set(Transport next, long until) {
    transport = next;
    probed = false;
    deadline = until;
  }

  void probe() {
    probed = true;
  }

  boolean isProbed() {
    return probed;
  }

  boolean isOverdue(long now) {
    return transport != null && now - deadline >= 0;
  }

  /** Answers the one there was. */
  Transport drop() {
    Transport dropped = transport;
    transport = null;
    probed = false;
    return dropped;
  }
}
