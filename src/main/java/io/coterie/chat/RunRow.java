package io.coterie.chat;

import java.util.UUID;

/**
 * A run as the database has it.
 *
 * @param messageId the user's message that it answers
 * @param replyId the message that it makes
 * @param text the user's message itself
 */
record RunRow(
    UUID runId,
    UUID chatId,
    UUID ownerId,
    UUID messageId,
    UUID replyId,
    long turnSeq,
    String agentId,
    String status,
    String partialCosts,
    String text) {}
