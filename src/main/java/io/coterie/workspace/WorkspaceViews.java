package io.coterie.workspace;

import io.coterie.agent.AgentCatalog;
import io.coterie.agent.AgentManifest;
import io.coterie.storage.Database;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Workspaces as clients see them. Thread-safe. */
public final class WorkspaceViews {

  /**
   * A workspace.
   *
   * @param coordinatorAgent null until one is set
   */
  public record WorkspaceView(
      UUID workspaceId,
      String name,
      UUID owner,
      List<MemberView> agents,
      String coordinatorAgent,
      Instant createdAt) {}

  /**
   * An agent in a workspace.
   *
   * @param installed whether an agent of that id can answer; if not, the rest is null
   */
  public record MemberView(
      String agentId, boolean installed, String name, String description, String version) {}

  private final WorkspaceDao workspaces;
  private final AgentCatalog catalog;

  public WorkspaceViews(Database database, AgentCatalog catalog) {
    this.workspaces = database.reader(WorkspaceDao.class);
    this.catalog = catalog;
  }

  /** The workspace of that id, as its owner sees it. */
  public Optional<WorkspaceView> find(UUID workspaceId, UUID userId) {
    return workspaces.find(workspaceId).map(row -> of(List.of(row), userId).get(0));
  }

  /** Views of some workspaces of one owner, in the order given. */
  List<WorkspaceView> of(List<WorkspaceRow> rows, UUID userId) {
    if (rows.isEmpty()) {
      return List.of();
    }
    UUID first = rows.get(rows.size() - 1).workspaceId();
    UUID last = rows.get(0).workspaceId();
    Map<UUID, List<MemberView>> members = new HashMap<>();
    for (WorkspaceDao.Member member :
        workspaces.agentsBetween(rows.get(0).ownerId(), first, last)) {
      members
          .computeIfAbsent(member.workspaceId(), id -> new ArrayList<>())
          .add(member(member.agentId(), userId));
    }
    return rows.stream()
        .map(
            row ->
                new WorkspaceView(
                    row.workspaceId(),
                    row.name(),
                    row.ownerId(),
                    members.getOrDefault(row.workspaceId(), List.of()),
                    row.coordinatorAgent(),
                    row.createdAt()))
        .toList();
  }

  private MemberView member(String agentId, UUID userId) {
    AgentManifest manifest =
        catalog.find(agentId, userId).map(AgentCatalog.Agent::manifest).orElse(null);
    return manifest == null
        ? new MemberView(agentId, false, null, null, null)
        : new MemberView(
            agentId, true, manifest.name(), manifest.description(), manifest.version());
  }
}
