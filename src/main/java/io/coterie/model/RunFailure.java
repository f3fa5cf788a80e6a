package io.coterie.model;

import java.util.Locale;

/**
 * Why a run could not give a whole reply, in words for the person who reads the chat. The message
 * never holds a key, a stack trace, a class name or a file path; the cause is for the log alone.
 */
public final class RunFailure extends RuntimeException {

  /** The kinds of failure that a client can tell apart; {@link #wire} is the name it sees. */
  public enum Code {
    MODEL_NOT_CONFIGURED,
    MODEL_AUTH,
    MODEL_RATE_LIMITED,
    MODEL_REJECTED,
    MODEL_UNAVAILABLE,
    MODEL_TIMEOUT,
    BUDGET_EXHAUSTED,
    AGENT_FAILED,
    INTERNAL;

    /** The code as it appears in an {@code error} event. */
    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final long serialVersionUID = 1L;

  private final Code code;

  public RunFailure(Code code, String message) {
    super(message);
    this.code = code;
  }

  public RunFailure(Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
