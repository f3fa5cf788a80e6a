package io.coterie.chat;

/** A client's frame that is refused, with the code and the words that its sender gets. */
final class FrameException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;

  FrameException(String code, String msg) {
    super(msg, null, false, false);
    this.code = code;
  }

  ChatEvent event() {
    return ChatEvent.unstored(Events.ERROR, new Events.Failure(code, getMessage(), null));
  }
}
