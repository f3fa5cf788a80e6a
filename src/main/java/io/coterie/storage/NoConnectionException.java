package io.coterie.storage;

/** All connections to the database stayed in use; it may be different in a moment. */
public final class NoConnectionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NoConnectionException() {
    super("No database connection became free");
  }
}
