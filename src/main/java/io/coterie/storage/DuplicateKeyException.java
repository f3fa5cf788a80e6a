package io.coterie.storage;

/** A row with that unique key is there already; the transaction was rolled back. */
public final class DuplicateKeyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DuplicateKeyException(Throwable cause) {
    super(cause);
  }
}
