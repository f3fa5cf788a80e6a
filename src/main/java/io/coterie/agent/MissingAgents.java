package io.coterie.agent;

import java.util.List;

/**
 * Agents that would have had their part in a reply but are not installed: the first of them, and
 * how many more there are, so that a message costs no more the more are missing. Immutable.
 *
 * @param more how many there are beside {@code agentIds}; 0 where those are none
 */
public record MissingAgents(List<String> agentIds, int more) {

  /** How many are told of by name. */
  static final int TOLD = 20;

  public static final MissingAgents NONE = new MissingAgents(List.of(), 0);

  /** The first {@code told} of them by name. */
  static MissingAgents of(List<String> all, int told) {
    int named = Math.min(all.size(), told);
    return new MissingAgents(List.copyOf(all.subList(0, named)), all.size() - named);
  }
}
