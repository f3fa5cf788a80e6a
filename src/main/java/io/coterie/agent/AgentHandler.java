package io.coterie.agent;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.agent.AgentCatalog.Agent;
import io.coterie.http.ApiException;
import io.coterie.http.Authentication;
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
    UUID userId = Authentication.principal(ctx).userId();
    ctx.json(
        catalog
            .find(ctx.pathParam("agent_id"), userId)
            .map(AgentView::of)
            .orElseThrow(() -> ApiException.notFound("Agent not found")));
  }
}
