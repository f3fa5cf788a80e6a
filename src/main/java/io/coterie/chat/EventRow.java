package io.coterie.chat;

import java.util.UUID;

/** A stored event; {@code data} is null where it is the message of that id. */
public record EventRow(UUID chatId, long seq, String type, UUID messageId, String data) {}
