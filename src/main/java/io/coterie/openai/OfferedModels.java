package io.coterie.openai;

import io.coterie.agent.AgentCatalog;
import io.coterie.agent.AgentCatalog.Agent;
import io.coterie.agent.AgentChooser;
import io.coterie.agent.AgentRunner.Team;
import io.coterie.http.OpenAiException;
import io.coterie.http.Principal;
import io.coterie.openai.OwnWorkspaceDao.Workspace;
import io.coterie.storage.Database;
import io.coterie.storage.Ids;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What the OpenAI-compatible API calls models: agents under their ids, and workspaces as {@code
 * workspace:ID}, where whoever would answer in a chat of it answers. Thread-safe.
 */
final class OfferedModels {

  /**
   * A model as clients see it.
   *
   * @param created seconds since 1970
   * @param name what people see; not in OpenAI's API, but some clients show it
   */
  record ModelView(String id, String object, long created, String ownedBy, String name) {}

  /**
   * Who answers a message.
   *
   * @param text the message, without the mention that chose the agent
   */
  record Target(String agentId, String text, Team team) {}

  private static final String WORKSPACE = "workspace:";
  private static final int MAX_WORKSPACES = 1_000;

  private final AgentCatalog catalog;
  private final AgentChooser chooser;
  private final OwnWorkspaceDao workspaces;
  private final long since;

  /**
   * @param now stands for when agents were made, which nobody notes
   */
  OfferedModels(AgentCatalog catalog, AgentChooser chooser, Database database, Instant now) {
    this.catalog = catalog;
    this.chooser = chooser;
    this.workspaces = database.reader(OwnWorkspaceDao.class);
    this.since = now.getEpochSecond();
  }

  /** All that the user may use: agents, then the newest workspaces. */
  List<ModelView> all(Principal user) {
    List<ModelView> all = new ArrayList<>();
    agents(user).forEach(agent -> all.add(view(agent)));
    workspaces(user).forEach(workspace -> all.add(view(workspace)));
    return all;
  }

  /** The model of that name; 404 where the user has none, 403 where the key is not for it. */
  ModelView get(Principal user, String model) {
    return workspace(user, model)
        .map(OfferedModels::view)
        .or(() -> agent(user, model).map(this::view))
        .orElseThrow(() -> notFound(model));
  }

  /** Who answers a message to that model; refused as {@link #get} does. */
  Target choose(Principal user, String model, String text) {
    Optional<Workspace> workspace = workspace(user, model);
    if (workspace.isEmpty()) {
      if (agent(user, model).isEmpty()) {
        throw notFound(model);
      }
      return new Target(model, text, Team.NONE);
    }
    UUID userId = user.userId();
    String coordinator = workspace.get().coordinatorAgent();
    List<String> members = workspaces.agents(workspace.get().workspaceId());
    String agentId = chooser.choose(text, userId, coordinator, members).agentId();
    return new Target(
        agentId, chooser.withoutMention(text, agentId, userId), new Team(coordinator, members));
  }

  private List<Agent> agents(Principal user) {
    return catalog.all(user.userId());
  }

  private Optional<Agent> agent(Principal user, String model) {
    return catalog.find(model, user.userId());
  }

  private List<Workspace> workspaces(Principal user) {
    return user.scoped()
        ? workspaces.find(user.workspaceId(), user.userId()).stream().toList()
        : workspaces.ofOwner(user.userId(), MAX_WORKSPACES);
  }

  /** The workspace of that model's name, if the user owns it; 403 where the key is not for it. */
  private Optional<Workspace> workspace(Principal user, String model) {
    if (!model.startsWith(WORKSPACE)) {
      return Optional.empty();
    }
    Optional<Workspace> found =
        Ids.parse(model.substring(WORKSPACE.length()))
            .flatMap(id -> workspaces.find(id, user.userId()));
    found.map(Workspace::workspaceId).ifPresent(user::requireReach);
    return found;
  }

  private ModelView view(Agent agent) {
    return new ModelView(
        agent.manifest().agentId(),
        "model",
        since,
        agent.source().name().toLowerCase(Locale.ROOT),
        agent.manifest().name());
  }

  private static ModelView view(Workspace workspace) {
    return new ModelView(
        WORKSPACE + workspace.workspaceId(),
        "model",
        workspace.createdAt().getEpochSecond(),
        "workspace",
        workspace.name());
  }

  private static OpenAiException notFound(String model) {
    return new OpenAiException(
        404, "There is no model '" + model + "' here", "model", "model_not_found", Map.of());
  }
}
