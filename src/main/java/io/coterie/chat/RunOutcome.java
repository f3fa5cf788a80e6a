package io.coterie.chat;

import io.coterie.model.RunFailure;

/**
 * How a run ended.
 *
 * @param message the reply, whole or cut short; null where the chat is gone or nothing could be
 *     stored
 * @param failure why it failed; null where it did not
 */
record RunOutcome(RunStatus status, MessageView message, RunFailure failure) {
  static final RunOutcome CHAT_GONE = new RunOutcome(RunStatus.CANCELLED, null, null);
}
