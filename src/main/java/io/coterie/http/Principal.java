package io.coterie.http;

import java.util.UUID;

/**
 * Who makes a request.
 *
 * @param admin whether the user is an administrator
 * @param exists false where the token is valid but its account was deleted
 */
public record Principal(UUID userId, boolean admin, boolean exists) {}
