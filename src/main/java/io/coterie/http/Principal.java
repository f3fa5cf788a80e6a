package io.coterie.http;

import java.time.Instant;
import java.util.UUID;

/**
 * Who makes a request, and with what.
 *
 * @param admin whether the user is an administrator
 * @param exists false where the token is valid but its account was deleted
 * @param keyId the API key that was presented; null for the token of a login
 * @param workspaceId the only workspace that the key reaches; null where it reaches all of the
 *     user's
 * @param expiresAt when the token or the key ends; null for never
 */
public record Principal(
    UUID userId, boolean admin, boolean exists, UUID keyId, UUID workspaceId, Instant expiresAt) {

  /** The holder of a login's token. */
  public static Principal user(UUID userId, boolean admin, Instant expiresAt) {
    return new Principal(userId, admin, true, null, null, expiresAt);
  }

  /** The holder of a token whose account was deleted. */
  public static Principal gone(UUID userId) {
    return new Principal(userId, false, false, null, null, null);
  }

  /** Whether an API key was presented. */
  public boolean byKey() {
    return keyId != null;
  }

  /** Whether an API key was presented that reaches one workspace only. */
  public boolean scoped() {
    return workspaceId != null;
  }

  /**
   * Whether the key, where one was presented, reaches that workspace. Says nothing of its owner.
   */
  public boolean reaches(UUID workspace) {
    return workspaceId == null || workspaceId.equals(workspace);
  }

  /** 403 unless {@link #reaches}; the last check before something is done, after ownership. */
  public void requireReach(UUID workspace) {
    if (!reaches(workspace)) {
      throw keyNotValidHere();
    }
  }

  static ApiException keyNotValidHere() {
    return ApiException.forbidden("API key is not valid here");
  }
}
