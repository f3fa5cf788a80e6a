package io.coterie.workspace;

import java.time.Instant;
import java.util.UUID;

/** A row of {@code workspaces}. */
record WorkspaceRow(
    UUID workspaceId, UUID ownerId, String name, String coordinatorAgent, Instant createdAt) {}
