package io.coterie.model;

/**
 * Why a reply did not arrive whole although the provider had begun to answer, or never did. Kept
 * apart from HTTP statuses, which LangChain4j's own {@code HttpException} carries.
 */
final class CallFailure extends RuntimeException {

  /** What went wrong. */
  enum Kind {
    /** Nothing came in time. */
    SILENT,
    /** It had begun, then nothing more came in time. */
    STALLED,
    /** It ended before its end marker. */
    BROKE_OFF,
    /** The provider reported an error in the middle of the stream; the message is its JSON. */
    REPORTED,
    /** What came is not in the provider's format. */
    UNREADABLE,
    /** More came than any reply can hold. */
    TOO_LARGE
  }

  private static final long serialVersionUID = 1L;

  private final Kind kind;

  CallFailure(Kind kind, String message) {
    this(kind, message, null);
  }

  CallFailure(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }

  /** As {@code error}, without the key that a provider may have quoted. */
  static RuntimeException withoutKey(RuntimeException error, Provider provider) {
    return error instanceof CallFailure failure
        ? new CallFailure(
            failure.kind, provider.withoutKey(failure.getMessage()), failure.getCause())
        : error;
  }
}
