package io.coterie.agent;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * What an agent is: the content of a package's {@code agent.json}, its instructions read in.
 * Immutable.
 *
 * @param agentId the name it is called by, {@code @agentId}: lower-case letters, digits, {@code -}
 *     and {@code _}
 * @param version SemVer 2.0
 * @param name what people see
 * @param description one sentence
 * @param kind {@code llm}, or {@code builtin} for those that are part of the server
 * @param instructions the system prompt
 * @param model {@code PROVIDER/MODEL}, or null for the server's default
 * @param temperature 0 to 2, or null for the provider's default
 * @param delegates the ids of the agents that it may ask
 * @param tools MCP servers, as they stand in the manifest
 * @param maxSteps how often it may call its model in one run, or null for the server's limit
 * @param starters sentences to begin a chat with
 * @param license an SPDX identifier, or null
 * @param homepage an https or http address, or null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AgentManifest(
    String agentId,
    String version,
    String name,
    String description,
    String kind,
    String instructions,
    String model,
    Double temperature,
    List<String> delegates,
    List<JsonNode> tools,
    Integer maxSteps,
    List<String> starters,
    String license,
    String homepage) {}
