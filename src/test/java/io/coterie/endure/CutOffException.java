package io.coterie.endure;

/** Something that was begun had no answer, for a reason that is known or has been noted. */
final class CutOffException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  CutOffException(String why) {
    super(why);
  }

  CutOffException(String why, Throwable cause) {
    super(why, cause);
  }
}
