package io.coterie.http;

/**
 * What bounds all that clients send.
 *
 * @param memory what bodies and frames may hold
 * @param turns what reading them as JSON may cost
 */
public record Intake(RequestMemory memory, Turns turns) {}
