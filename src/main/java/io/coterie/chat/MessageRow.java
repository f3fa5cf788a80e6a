package io.coterie.chat;

import io.coterie.search.Marks;
import java.time.Instant;
import java.util.UUID;

/**
 * A message as the database has it.
 *
 * @param turnSeq the seq of the user's message that began its turn, for a user's message its own
 */
public record MessageRow(
    UUID messageId,
    UUID chatId,
    UUID runId,
    long seq,
    long turnSeq,
    String role,
    String agentId,
    String content,
    String status,
    Integer inputTokens,
    Integer outputTokens,
    Instant createdAt) {

  static final String USER = "user";
  static final String ASSISTANT = "assistant";

  /** What tells searching which words it may have. */
  public byte[] marks() {
    return Marks.of(content);
  }
}
