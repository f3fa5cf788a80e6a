package io.coterie.model;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Why a run could not give a whole reply, in words for the person who reads the chat. The message
 * never holds a key, a stack trace, a class name or a file path; the cause is for the log alone.
 * Immutable.
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

  /** What whoever made the request can do about the failure without asking anybody. */
  public enum Remedy {
    /** Nothing: the same request would fail again, or nothing speaks for the contrary. */
    NONE,
    /** Ask the same again in a moment, see {@link RunFailure#retryAfter}. */
    WAIT,
    /** Ask again with less: the conversation is too long for the model. */
    SHORTEN,
    /** Ask again without tools: the model knows none. */
    WITHOUT_TOOLS
  }

  private static final long serialVersionUID = 2L;

  private final Code code;
  private final Remedy remedy;
  private final Duration retryAfter;

  public RunFailure(Code code, String message) {
    this(code, message, null);
  }

  public RunFailure(Code code, String message, Throwable cause) {
    this(code, message, cause, Remedy.NONE, null);
  }

  /**
   * @param cause for the log; may be null
   * @param retryAfter how long the provider asks to wait; null where it does not say
   */
  public RunFailure(
      Code code, String message, Throwable cause, Remedy remedy, Duration retryAfter) {
    super(message, cause);
    this.code = Objects.requireNonNull(code, "code");
    this.remedy = Objects.requireNonNull(remedy, "remedy");
    this.retryAfter = retryAfter;
  }

  public Code code() {
    return code;
  }

  /** What can be done about it. */
  public Remedy remedy() {
    return remedy;
  }

  /**
   * How long the provider asked to wait before the next request, from zero to a day; empty where it
   * did not say. With {@link Remedy#WAIT} it is a minute at most: who asks for more time than that
   * has refused for now, and the remedy is {@link Remedy#NONE}.
   */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
