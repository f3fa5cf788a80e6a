package io.coterie.packages;

/**
 * A registry did not give what was asked of it. The message is for people; the cause is for the log
 * alone.
 */
final class RegistryException extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int BAD_GATEWAY = 502;

  private final int status;

  private RegistryException(int status, String message, Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  /** The registry itself said no, with an HTTP status of 400 or more. */
  static RegistryException answered(int status) {
    // Beyond 599 there are no HTTP statuses to pass on.
    int passedOn = status <= 599 ? status : BAD_GATEWAY;
    return new RegistryException(passedOn, "the registry answered " + status, null);
  }

  /** No usable answer came: not reached, too slow, or sent elsewhere. */
  static RegistryException unavailable(String message, Throwable cause) {
    return new RegistryException(BAD_GATEWAY, message, cause);
  }

  static RegistryException unavailable(String message) {
    return unavailable(message, null);
  }

  /** The HTTP status that the caller of the server gets. */
  int status() {
    return status;
  }
}
