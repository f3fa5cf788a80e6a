package io.coterie.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.agent.AgentCatalog.Agent;
import io.coterie.http.ApiException;
import io.coterie.http.Authentication;
import io.coterie.http.Json;
import io.coterie.http.Principal;
import io.coterie.http.RequestBodies;
import io.coterie.model.Cancellation;
import io.coterie.tools.Tool;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;

/** Which agents there are, and agents that users make for themselves. Thread-safe. */
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
      return of(agent, agent.manifest().tools());
    }

    static AgentView of(Agent agent, List<JsonNode> tools) {
      AgentManifest manifest = agent.manifest();
      return new AgentView(
          manifest.agentId(),
          manifest.name(),
          manifest.description(),
          manifest.version(),
          manifest.kind(),
          agent.source().wire(),
          manifest.delegates(),
          tools,
          manifest.starters());
    }
  }

  /** Each may keep some threads waiting for servers that do not answer. */
  private static final int ASKING_AT_ONCE = 16;

  private static final int RETRY_AFTER_SECONDS = 5;

  private final AgentCatalog catalog;
  private final AgentTools tools;
  private final Executor threads;
  private final Semaphore asking = new Semaphore(ASKING_AT_ONCE);

  /**
   * @param threads for asking tool servers what they offer
   */
  public AgentHandler(AgentCatalog catalog, AgentTools tools, Executor threads) {
    this.catalog = catalog;
    this.tools = tools;
    this.threads = threads;
  }

  public void list(Context ctx) {
    UUID userId = Authentication.principal(ctx).userId();
    ctx.json(Map.of("agents", catalog.all(userId).stream().map(AgentView::of).toList()));
  }

  /** One agent, with the tools that its servers offer right now. */
  public void get(Context ctx) {
    Agent agent =
        catalog
            .find(ctx.pathParam("agent_id"), Authentication.principal(ctx).userId())
            .orElseThrow(AgentCatalog::notFound);
    if (agent.manifest().tools().isEmpty()) {
      ctx.json(AgentView.of(agent));
      return;
    }
    if (!asking.tryAcquire()) {
      throw ApiException.tooManyRequests(RETRY_AFTER_SECONDS);
    }
    ctx.future(
        () ->
            CompletableFuture.supplyAsync(() -> offered(agent), threads)
                .whenComplete((offered, failure) -> asking.release())
                .thenAccept(offered -> ctx.json(AgentView.of(agent, offered))));
  }

  private List<JsonNode> offered(Agent agent) {
    List<JsonNode> offered = new ArrayList<>();
    for (AgentTools.Offer offer : tools.of(agent, new Cancellation())) {
      for (Tool tool : offer.tools()) {
        ObjectNode view = Json.MAPPER.createObjectNode();
        view.put("name", tool.name()).put("description", tool.description());
        offered.add(view.setAll((ObjectNode) offer.manifest()));
      }
      if (offer.problem() != null) {
        ObjectNode view = Json.MAPPER.createObjectNode().put("error", offer.problem());
        offered.add(view.setAll((ObjectNode) offer.manifest()));
      }
    }
    return offered;
  }

  /** Makes an agent that its maker alone sees, from a manifest in the body. */
  public void create(Context ctx) {
    ObjectNode json =
        Json.readObject(RequestBodies.take(ctx))
            .orElseThrow(() -> ApiException.badRequest("Missing JSON in request"));
    Principal user = Authentication.principal(ctx);
    AgentManifest manifest;
    try {
      manifest = AgentManifests.parseOwn(json);
    } catch (ManifestException e) {
      throw ApiException.badRequest(e.getMessage());
    }
    AgentManifests.requireMayRun(manifest, user.admin());
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("msg", "Agent created");
    body.put("agent", AgentView.of(catalog.define(manifest, user.userId())));
    ctx.json(body);
  }

  /** For whoever installed or made the agent, and for admins; the built-in ones stay. */
  public void uninstall(Context ctx) {
    Principal user = Authentication.principal(ctx);
    Agent gone =
        catalog.uninstall(ctx.pathParam("agent_id"), agent -> requireMayUninstall(agent, user));
    tools.release(gone);
    ctx.json(Map.of("msg", "Agent uninstalled"));
  }

  /** An admin may remove an agent that only its maker sees: its id may be in the way. */
  private static void requireMayUninstall(Agent agent, Principal user) {
    if (!agent.isVisibleTo(user.userId()) && !user.admin()) {
      throw AgentCatalog.notFound();
    }
    boolean mine = user.admin() || user.userId().equals(agent.installedBy());
    if (agent.source() == AgentCatalog.Source.BUILTIN || !mine) {
      throw ApiException.forbidden("User is not the owner of the agent");
    }
  }

  /** The JSON Schema of a manifest, for editors. */
  public void schema(Context ctx) {
    try (InputStream in = AgentHandler.class.getResourceAsStream("/schemas/agent.json")) {
      ctx.contentType("application/schema+json").result(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
