package io.coterie.chat;

import java.time.Instant;
import java.util.UUID;

/** A chat as clients see it. */
record ChatView(
    UUID chatId,
    UUID workspaceId,
    UUID owner,
    UUID createdBy,
    String title,
    boolean busy,
    Instant createdAt,
    Instant updatedAt) {

  static ChatView of(ChatRow row) {
    return new ChatView(
        row.chatId(),
        row.workspaceId(),
        row.ownerId(),
        row.ownerId(),
        row.title(),
        row.busy(),
        row.createdAt(),
        row.updatedAt());
  }
}
