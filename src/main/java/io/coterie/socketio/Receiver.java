package io.coterie.socketio;

/** Who is told what comes in over a connection, one thing after the other. */
interface Receiver {

  void text(String message);

  void binary();

  /** Nothing comes any more. Called once, also while something is handled. */
  void ended();
}
