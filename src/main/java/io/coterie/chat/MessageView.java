package io.coterie.chat;

import java.time.Instant;
import java.util.UUID;

/** A message as clients see it. */
record MessageView(
    UUID messageId,
    UUID runId,
    UUID chatId,
    String role,
    String agentId,
    String content,
    String status,
    Instant createdAt,
    Usage usage) {

  /** Tokens; null where nothing is known. */
  record Usage(Integer inputTokens, Integer outputTokens) {}

  static MessageView of(MessageRow row) {
    return new MessageView(
        row.messageId(),
        row.runId(),
        row.chatId(),
        row.role(),
        row.agentId(),
        row.content(),
        row.status(),
        row.createdAt(),
        new Usage(row.inputTokens(), row.outputTokens()));
  }
}
