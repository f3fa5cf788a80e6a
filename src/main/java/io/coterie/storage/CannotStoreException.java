package io.coterie.storage;

/**
 * What was to be stored is not: the disk is full or cannot be written. Reading goes on, and later
 * writing does by itself. Has no stack trace: it says nothing of the code, and comes in numbers.
 */
public final class CannotStoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CannotStoreException() {
    this(null);
  }

  public CannotStoreException(Throwable cause) {
    super("The disk is full or cannot be written", cause, false, false);
  }
}
