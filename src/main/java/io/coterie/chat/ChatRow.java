package io.coterie.chat;

import java.time.Instant;
import java.util.UUID;

/** A chat as the database has it; {@code busy} where a run of it is queued or running. */
record ChatRow(
    UUID chatId,
    UUID workspaceId,
    UUID ownerId,
    String title,
    long lastSeq,
    boolean busy,
    Instant createdAt,
    Instant updatedAt) {}
