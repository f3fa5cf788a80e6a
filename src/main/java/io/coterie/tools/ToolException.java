package io.coterie.tools;

/**
 * A tool server could not be used. The message is for people and models: no stack trace, class name
 * or path; the cause is for the log.
 */
public final class ToolException extends Exception {

  private static final long serialVersionUID = 1L;

  public ToolException(String message) {
    super(message);
  }

  public ToolException(String message, Throwable cause) {
    super(message, cause);
  }
}
