package io.coterie.socketio;

import java.util.List;

/** How packets reach a client at the moment. One write is under way at a time. Thread-safe. */
interface Transport {

  /** Whether a write could begin now. */
  boolean isWritable();

  /**
   * Whether a write is the answer to a request of the client: it takes all that waits, its round
   * trip is long, and a better transport may take its place.
   */
  boolean isPolling();

  /**
   * Begins to write; {@code done} is called once it is written, also on this thread. A write that
   * fails ends the connection.
   */
  void write(List<String> packets, Runnable done);

  /** Ends the connection in order. */
  void close();

  /** Leaves the end to the client, which was told, for a moment. */
  void linger();

  /** Ends the connection at once. */
  void abort();
}
