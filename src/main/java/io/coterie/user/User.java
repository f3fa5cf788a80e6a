package io.coterie.user;

import java.time.Instant;
import java.util.UUID;

/** A row of {@code users}. */
record User(
    UUID userId,
    String email,
    String passwordHash,
    String role,
    boolean disabled,
    int tokenVersion,
    Instant createdAt) {

  static final String ADMIN = "admin";
  static final String USER = "user";

  @Override
  public String toString() {
    return "User[" + userId + "]";
  }
}
