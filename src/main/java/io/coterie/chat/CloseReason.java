package io.coterie.chat;

/**
 * Why the server ends a connection.
 *
 * @param code a WebSocket close code: RFC 6455, section 7.4, or one of our own from 4000 up
 */
public record CloseReason(int code, String text) {
  static final CloseReason DONE = new CloseReason(1000, "Done");
  static final CloseReason STOPPING = new CloseReason(1001, "Server is stopping");
  static final CloseReason FAILED = new CloseReason(1011, "Internal server error");
  static final CloseReason SILENT = new CloseReason(1011, "Client does not answer");
  static final CloseReason TOO_SLOW = new CloseReason(1013, "Client reads too slowly");
  static final CloseReason USER_GONE = new CloseReason(4401, "User is deleted or disabled");
  static final CloseReason REVOKED = new CloseReason(4401, "Token has been revoked");
  static final CloseReason EXPIRED = new CloseReason(4401, "Token has expired");
  static final CloseReason CHAT_GONE = new CloseReason(4404, "Chat not found");

  /** Whether the client need not come back. */
  boolean isForGood() {
    return code >= 4000;
  }
}
