package io.coterie.chat;

/**
 * How many runs there may be at once, of those that ask a model and of those that do not: each kind
 * has as many places of its own. Immutable.
 *
 * @param concurrent how many are worked on at once, 1 or more
 * @param concurrentOfUser how many of those may be one user's, 1 or more
 * @param waiting how many more may wait
 * @param waitingOfUser how many of those may be one user's
 */
public record RunLimits(int concurrent, int concurrentOfUser, int waiting, int waitingOfUser) {}
