package io.coterie.agent;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.agent.AgentCatalog.Agent;
import io.coterie.http.ApiException;
import io.coterie.http.Authentication;
import io.coterie.http.Principal;
import io.javalin.http.Context;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/** Which agents there are. Thread-safe. */
public final class AgentHandler {

  private record AgentView(
      String agentId,
      String name,
      String description,
      String version,
      String kind,
      String source,
      List<String> delegates,
      List<JsonNode> tools,
      List<String> starters) {

    static AgentView of(Agent agent) {
      AgentManifest manifest = agent.manifest();
      return new AgentView(
          manifest.agentId(),
          manifest.name(),
          manifest.description(),
          manifest.version(),
          manifest.kind(),
          agent.source().name().toLowerCase(Locale.ROOT),
          manifest.delegates(),
          manifest.tools(),
          manifest.starters());
    }
  }

  private final AgentCatalog catalog;

  public AgentHandler(AgentCatalog catalog) {
    this.catalog = catalog;
  }

  public void list(Context ctx) {
    UUID userId = Authentication.principal(ctx).userId();
    ctx.json(Map.of("agents", catalog.all(userId).stream().map(AgentView::of).toList()));
  }

  public void get(Context ctx) {
    ctx.json(AgentView.of(find(ctx)));
  }

  /** For whoever installed the agent, and for admins; the built-in ones stay. */
  public void uninstall(Context ctx) {
    Agent agent = find(ctx);
    Principal user = Authentication.principal(ctx);
    boolean mine = user.admin() || user.userId().equals(agent.installedBy());
    if (agent.source() == AgentCatalog.Source.BUILTIN || !mine) {
      throw ApiException.forbidden("User is not the owner of the agent");
    }
    catalog.uninstall(agent.manifest().agentId());
    ctx.json(Map.of("msg", "Agent uninstalled"));
  }

  private Agent find(Context ctx) {
    return catalog
        .find(ctx.pathParam("agent_id"), Authentication.principal(ctx).userId())
        .orElseThrow(() -> ApiException.notFound("Agent not found"));
  }
}
