package io.coterie.storage;

/**
 * What the row refers to is not there, or no longer: somebody deleted it meanwhile. The transaction
 * was rolled back.
 */
public final class MissingReferenceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MissingReferenceException(Throwable cause) {
    super(cause);
  }
}
