package io.coterie.agent;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.agent.AgentCatalog.Agent;
import io.coterie.agent.AgentCatalog.Source;
import io.coterie.model.Cancellation;
import io.coterie.tools.Tool;
import io.coterie.tools.ToolException;
import io.coterie.tools.ToolResult;
import io.coterie.tools.ToolServer;
import io.coterie.tools.ToolServers;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tools that the servers in an agent's manifest offer, within what its maker may make this
 * server do. Thread-safe.
 */
public final class AgentTools {

  private static final Logger log = LoggerFactory.getLogger(AgentTools.class);

  /**
   * What one server of the manifest offers.
   *
   * @param manifest the entry of the manifest
   * @param problem why there are no tools; null where there are
   */
  record Offer(JsonNode manifest, ToolServer server, List<Tool> tools, String problem) {

    /** How people call the server: its host, or its program. */
    String label() {
      JsonNode mcp = manifest.path("mcp");
      if (mcp.has("url")) {
        String host = URI.create(mcp.path("url").asText()).getHost();
        return host == null ? "tool server" : host;
      }
      String program = mcp.path("command").path(0).asText();
      return program.substring(program.replace('\\', '/').lastIndexOf('/') + 1);
    }
  }

  private final ToolServers servers;
  private final Predicate<UUID> admins;
  private final Parallel parallel;

  /**
   * @param admins whether that user is one now
   * @param threads for asking several servers at the same time
   */
  public AgentTools(ToolServers servers, Predicate<UUID> admins, Executor threads) {
    this.servers = servers;
    this.admins = admins;
    this.parallel = new Parallel(threads);
  }

  /** Asks all servers of an agent at the same time; in the order of the manifest. */
  List<Offer> of(Agent agent, Cancellation cancellation) {
    if (agent.manifest().tools().isEmpty()) {
      return List.of();
    }
    boolean admins = isAdmins(agent);
    return parallel.map(
        agent.manifest().tools(), entry -> offer(agent, entry, admins, cancellation));
  }

  /** For an agent that is gone; where another one has the same servers, they start anew. */
  void release(Agent agent) {
    for (JsonNode entry : agent.manifest().tools()) {
      servers.release(server(entry, true));
      servers.release(server(entry, false));
    }
  }

  ToolResult call(ToolServer server, Tool tool, String arguments, Cancellation cancellation) {
    try {
      ToolResult result = servers.call(server, tool.name(), arguments, cancellation);
      // Most providers have no other way to tell a model that it failed.
      return result.isError()
          ? new ToolResult("The tool reported an error: " + result.text(), true)
          : result;
    } catch (ToolException e) {
      log.debug("Tool {}", tool.name(), e);
      return new ToolResult(e.getMessage(), true);
    }
  }

  private Offer offer(Agent agent, JsonNode entry, boolean admins, Cancellation cancellation) {
    JsonNode mcp = entry.path("mcp");
    // What a package runs was an admin's decision when it was installed.
    if (mcp.has("command") && agent.source() == Source.USER && !admins) {
      return new Offer(entry, null, List.of(), "Only an admin's agents may run commands.");
    }
    ToolServer server = server(entry, admins);
    try {
      return new Offer(entry, server, servers.list(server, cancellation), null);
    } catch (ToolException e) {
      log.warn("Agent {} is without tools: {}", agent.manifest().agentId(), e.getMessage());
      log.debug("Why", e);
      return new Offer(entry, server, List.of(), e.getMessage());
    }
  }

  private static ToolServer server(JsonNode entry, boolean anyAddress) {
    JsonNode mcp = entry.path("mcp");
    return mcp.has("url")
        ? new ToolServer(URI.create(mcp.path("url").asText()), null, anyAddress)
        : new ToolServer(null, words(mcp.path("command")), anyAddress);
  }

  private boolean isAdmins(Agent agent) {
    return agent.installedBy() != null && admins.test(agent.installedBy());
  }

  private static List<String> words(JsonNode command) {
    List<String> words = new ArrayList<>();
    command.forEach(word -> words.add(word.asText()));
    return words;
  }
}
