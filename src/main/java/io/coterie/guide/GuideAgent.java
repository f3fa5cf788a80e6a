package io.coterie.guide;

import java.util.List;

/**
 * An agent that the guide can tell about. Immutable.
 *
 * @param agentId the name it is called by
 * @param version may be null, as what follows
 * @param asksModel whether its answers come from a model
 * @param model {@code PROVIDER/MODEL}, where it has one of its own
 * @param starters sentences to begin a chat with
 */
public record GuideAgent(
    String agentId,
    String version,
    String name,
    String description,
    boolean asksModel,
    String model,
    List<String> starters) {}
