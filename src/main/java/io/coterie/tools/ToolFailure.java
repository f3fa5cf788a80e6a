package io.coterie.tools;

/**
 * Why something asked of a tool server did not succeed. The message is for people; it names the
 * server by its program or host alone.
 */
class ToolFailure extends Exception {

  private static final long serialVersionUID = 1L;

  private final boolean untouched;

  ToolFailure(String message, boolean untouched, Throwable cause) {
    super(message, cause);
    this.untouched = untouched;
  }

  static ToolFailure of(String message) {
    return new ToolFailure(message, false, null);
  }

  static ToolFailure of(String message, Throwable cause) {
    return new ToolFailure(message, false, cause);
  }

  /** One where the server cannot have begun with what was asked, so that it may be asked again. */
  static ToolFailure untouched(String message, Throwable cause) {
    return new ToolFailure(message, true, cause);
  }

  boolean isUntouched() {
    return untouched;
  }

  /** The same for somebody whose question had been sent already. */
  ToolFailure touched() {
    return untouched ? new ToolFailure(getMessage(), false, this) : this;
  }
}
