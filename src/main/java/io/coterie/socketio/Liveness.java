package io.coterie.socketio;

/** Whether a client still answers the heartbeat. Not thread-safe. */
final class Liveness {

  enum Verdict {
    FINE,
    PING,
    DEAD
  }

  private final SocketIoServer.Heartbeat heartbeat;
  private long heardAt;
  private boolean pinged;

  Liveness(SocketIoServer.Heartbeat heartbeat, long now) {
    this.heartbeat = heartbeat;
    this.heardAt = now;
  }

  /** The client answered. */
  void heard(long now) {
    heardAt = now;
    pinged = false;
  }

  /** What is to be done now; each {@link Verdict#PING} is given once. */
  Verdict look(long now) {
    long silence = now - heardAt;
    if (pinged) {
      boolean dead = silence >= heartbeat.interval().plus(heartbeat.timeout()).toNanos();
      return dead ? Verdict.DEAD : Verdict.FINE;
    }
    pinged = silence >= heartbeat.interval().toNanos();
    return pinged ? Verdict.PING : Verdict.FINE;
  }
}
