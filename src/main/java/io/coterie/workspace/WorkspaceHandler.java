package io.coterie.workspace;

import io.coterie.deletion.Deletions;
import io.coterie.http.ApiException;
import io.coterie.http.Authentication;
import io.coterie.http.Fields;
import io.coterie.http.Params;
import io.coterie.http.Principal;
import io.coterie.storage.Database;
import io.coterie.storage.Ids;
import io.coterie.workspace.WorkspaceViews.WorkspaceView;
import io.javalin.http.Context;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;

/** Workspaces and the agents in them. Thread-safe. */
public final class WorkspaceHandler {

  private static final int MAX_NAME = 200;
  private static final int MAX_AGENTS = 100;
  private static final int DEFAULT_PAGE = 50;
  private static final String UNTITLED = "Untitled Workspace";
  private static final String NOT_OWNER = "User is not the owner of the workspace";
  private static final String NO_ACCESS = "User does not have access to the workspace";
  private static final String MISSING_AGENT = "Missing agent_id parameter";

  private final Database database;
  private final WorkspaceDao workspaces;
  private final WorkspaceViews views;
  private final Clock clock;
  private final Deletions deletions;
  private final Consumer<UUID> gone;

  /**
   * @param gone told of a workspace that was just deleted, to end what goes on in it
   */
  public WorkspaceHandler(
      Database database,
      WorkspaceViews views,
      Clock clock,
      Deletions deletions,
      Consumer<UUID> gone) {
    this.database = database;
    this.workspaces = database.reader(WorkspaceDao.class);
    this.views = views;
    this.clock = clock;
    this.deletions = deletions;
    this.gone = gone;
  }

  public void create(Context ctx) {
    Fields fields = Fields.ofOptional(ctx);
    String name = fields.isString("name") ? name(fields).orElse(UNTITLED) : UNTITLED;
    UUID userId = Authentication.principal(ctx).userId();
    UUID workspaceId = Ids.next();
    write(
        dao -> {
          if (dao.lockUser(userId).isEmpty()) {
            throw ApiException.unauthorized("Token has been revoked");
          }
          dao.insert(workspaceId, userId, name, clock.instant());
          return workspaceId;
        });
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("msg", "Workspace created");
    body.put("workspace", view(workspaceId, userId));
    ctx.json(body);
  }

  /** The user's workspaces, or of them the one that the key reaches. */
  public void list(Context ctx) {
    OptionalInt limit = Params.limit(ctx);
    Optional<UUID> before = Params.id(ctx, "before", "Workspace not found");
    Principal user = Authentication.principal(ctx);
    UUID userId = user.userId();
    UUID only = user.workspaceId();
    Map<String, Object> body = new LinkedHashMap<>();
    if (limit.isEmpty() && before.isEmpty()) {
      List<WorkspaceRow> all = only == null ? workspaces.ofOwner(userId) : owned(only, userId);
      body.put("workspaces", views.of(all, userId));
    } else {
      before.ifPresent(id -> requireOwned(id, user));
      int size = limit.orElse(DEFAULT_PAGE);
      List<WorkspaceRow> page =
          only == null
              ? workspaces.pageOfOwner(userId, before.orElse(Ids.ABOVE_ALL), size + 1)
              : before.isPresent() ? List.of() : owned(only, userId);
      body.put("workspaces", views.of(page.subList(0, Math.min(size, page.size())), userId));
      body.put("has_more", page.size() > size);
    }
    ctx.json(body);
  }

  public void get(Context ctx) {
    WorkspaceRow row = owned(ctx, NO_ACCESS);
    ctx.json(Map.of("workspace", views.of(List.of(row), row.ownerId()).get(0)));
  }

  public void delete(Context ctx) {
    UUID workspaceId = owned(ctx, NO_ACCESS).workspaceId();
    boolean deleted =
        deletions.delete(
            Deletions.Kind.WORKSPACE,
            workspaceId,
            tx -> tx.use(WorkspaceDao.class).delete(workspaceId) > 0,
            () -> gone.accept(workspaceId));
    found(deleted);
    ctx.json(Map.of("msg", "Workspace deleted"));
  }

  public void rename(Context ctx) {
    String name = Fields.of(ctx).required("name", MAX_NAME, "Missing name parameter").strip();
    UUID workspaceId = owned(ctx, NOT_OWNER).workspaceId();
    change(workspaceId, dao -> dao.rename(workspaceId, name));
    ctx.json(Map.of("msg", "Workspace renamed"));
  }

  public void addAgent(Context ctx) {
    String agentId = Fields.of(ctx).required("agent_id", MAX_NAME, MISSING_AGENT).strip();
    UUID workspaceId = owned(ctx, NOT_OWNER).workspaceId();
    change(workspaceId, dao -> add(dao, workspaceId, agentId));
    ctx.json(Map.of("msg", "Agent added to Workspace."));
  }

  public void removeAgent(Context ctx) {
    String agentId = Fields.of(ctx).required("agent_id", MAX_NAME, MISSING_AGENT).strip();
    UUID workspaceId = owned(ctx, NOT_OWNER).workspaceId();
    write(dao -> dao.removeAgent(workspaceId, agentId));
    ctx.json(Map.of("msg", "Agent removed"));
  }

  public void setCoordinator(Context ctx) {
    Fields fields = Fields.of(ctx);
    if (!fields.has("agent_id")) {
      throw ApiException.badRequest(MISSING_AGENT);
    }
    String agentId =
        fields.isNull("agent_id")
            ? null
            : fields.required("agent_id", MAX_NAME, MISSING_AGENT).strip();
    UUID workspaceId = owned(ctx, NOT_OWNER).workspaceId();
    change(workspaceId, dao -> dao.setCoordinator(workspaceId, agentId));
    ctx.json(Map.of("msg", "Coordinator set"));
  }

  /** With the workspace's row held: those who add at the same time count one after the other. */
  private String add(WorkspaceDao dao, UUID workspaceId, String agentId) {
    if (!dao.hasAgent(workspaceId, agentId)) {
      if (dao.someAgents(workspaceId, MAX_AGENTS).size() == MAX_AGENTS) {
        throw ApiException.badRequest("Workspace has too many agents");
      }
      dao.addAgent(workspaceId, agentId, clock.instant());
    }
    return agentId;
  }

  private static Optional<String> name(Fields fields) {
    return fields.optional("name", MAX_NAME).map(String::strip);
  }

  /** Changes what may have been deleted since it was looked up: 404 then. */
  private void change(UUID workspaceId, Function<WorkspaceDao, Object> change) {
    write(
        dao -> {
          if (dao.lock(workspaceId).isEmpty()) {
            throw notFound();
          }
          return change.apply(dao);
        });
  }

  private <T> T write(Function<WorkspaceDao, T> change) {
    return database.inTransaction(tx -> change.apply(tx.use(WorkspaceDao.class)));
  }

  private WorkspaceView view(UUID workspaceId, UUID userId) {
    return views.find(workspaceId, userId).orElseThrow(WorkspaceHandler::notFound);
  }

  private WorkspaceRow owned(Context ctx, String refusal) {
    WorkspaceRow row =
        Ids.parse(ctx.pathParam("workspace_id"))
            .flatMap(workspaces::find)
            .orElseThrow(WorkspaceHandler::notFound);
    Principal user = Authentication.principal(ctx);
    if (!row.ownerId().equals(user.userId())) {
      throw ApiException.forbidden(refusal);
    }
    user.requireReach(row.workspaceId());
    return row;
  }

  /** None or one: what a key of that workspace alone may see. */
  private List<WorkspaceRow> owned(UUID workspaceId, UUID userId) {
    return workspaces.find(workspaceId).filter(row -> row.ownerId().equals(userId)).stream()
        .toList();
  }

  private void requireOwned(UUID workspaceId, Principal user) {
    if (workspaces.find(workspaceId).filter(row -> row.ownerId().equals(user.userId())).isEmpty()) {
      throw notFound();
    }
    user.requireReach(workspaceId);
  }

  /** Deleted meanwhile is not found either. */
  private static void found(boolean deleted) {
    if (!deleted) {
      throw notFound();
    }
  }

  private static ApiException notFound() {
    return ApiException.notFound("Workspace not found");
  }
}
