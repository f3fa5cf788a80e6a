package io.coterie.agent;

import io.coterie.http.ApiException;
import io.coterie.http.Json;
import io.coterie.storage.Database;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Which agents there are: the built-in ones, those that were installed, and those that users made
 * for themselves. Kept in memory, the database being the record: whoever changes both has the lock
 * until both agree. Thread-safe; reading waits for nobody.
 */
public final class AgentCatalog {

  /** Where an agent came from. */
  public enum Source {
    BUILTIN,
    PACKAGE,
    USER;

    String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * An agent that can answer.
   *
   * @param installedBy whoever installed or made it; null where nobody did, or the account is gone
   */
  public record Agent(AgentManifest manifest, Source source, UUID installedBy) {

    /** One that a user made is there for its maker alone. */
    boolean isVisibleTo(UUID userId) {
      return source != Source.USER || installedBy.equals(userId);
    }
  }

  /** Decides about an installation in view of the agent that it would replace. */
  public interface Replacement<X extends Exception> {
    /** False where there is nothing to do; throws where it may not be. */
    boolean goesOn(Agent old) throws X;
  }

  private static final int MAX_OF_ONE_USER = 100;

  private final Database database;
  private final Clock clock;
  private final BuiltIns builtIns;
  private final Map<String, Agent> agents = new ConcurrentHashMap<>();

  /**
   * @param version the server's, which is the built-in agents' as well
   */
  public AgentCatalog(Database database, Clock clock, String version) {
    this.database = database;
    this.clock = clock;
    this.builtIns = new BuiltIns(version, this::everybodys);
    builtIns
        .manifests()
        .forEach((id, manifest) -> agents.put(id, new Agent(manifest, Source.BUILTIN, null)));
  }

  /** Waits for the database and reads which agents are installed; to be called once. */
  public synchronized void load() {
    database.awaitOpen(AgentDao.class);
    database.reader(AgentDao.class).all().forEach(this::restore);
  }

  /** The agent of that id, if that user may use it. */
  public Optional<Agent> find(String agentId, UUID userId) {
    return any(agentId).filter(agent -> agent.isVisibleTo(userId));
  }

  /** The agent of that id, whoever may use it: ids are the server's. */
  public Optional<Agent> any(String agentId) {
    return Optional.ofNullable(agents.get(agentId));
  }

  /** All agents that the user may use: the built-in ones first, then by id. */
  public List<Agent> all(UUID userId) {
    List<Agent> all = new ArrayList<>(agents.values());
    all.removeIf(agent -> !agent.isVisibleTo(userId));
    all.sort(
        Comparator.comparing(Agent::source).thenComparing(agent -> agent.manifest().agentId()));
    return all;
  }

  /**
   * Installs an agent from a package. Where there is another version of it, that one is replaced,
   * and the agent is whose the new version is.
   *
   * @param userId who installs it; null for nobody in particular
   * @param replacement asked where there is an agent of that id
   * @throws ApiException 401 if the user is gone
   */
  public synchronized <X extends Exception> void install(
      AgentManifest manifest,
      UUID userId,
      String registry,
      String sha256,
      Replacement<X> replacement)
      throws X {
    String agentId = manifest.agentId();
    Agent old = agents.get(agentId);
    if (old != null && !replacement.goesOn(old)) {
      return;
    }
    String json = Json.write(AgentManifests.toJson(manifest));
    Instant now = clock.instant();
    store(
        agentId,
        userId,
        dao -> {
          if (dao.update(agentId, userId, registry, sha256, json, now) == 0) {
            dao.insertPackage(agentId, userId, registry, sha256, json, now);
          }
        });
    agents.put(agentId, new Agent(manifest, Source.PACKAGE, userId));
  }

  /**
   * Adds an agent of a user's own.
   *
   * @throws ApiException 400 if its id is taken or the user has too many, 401 if the user is gone
   */
  public synchronized Agent define(AgentManifest manifest, UUID userId) {
    String agentId = manifest.agentId();
    if (agents.containsKey(agentId)) {
      throw exists();
    }
    if (agents.values().stream().filter(agent -> isOwn(agent, userId)).count() >= MAX_OF_ONE_USER) {
      throw ApiException.badRequest(
          "A user can have at most " + MAX_OF_ONE_USER + " agents of their own");
    }
    String json = Json.write(AgentManifests.toJson(manifest));
    Instant now = clock.instant();
    store(agentId, userId, dao -> dao.insertOwn(agentId, userId, json, now));
    Agent agent = new Agent(manifest, Source.USER, userId);
    agents.put(agentId, agent);
    return agent;
  }

  /**
   * Removes an agent; workspaces keep its id, in case it comes back.
   *
   * @param check given the agent; throws where it may not be removed
   * @return the agent as it was
   * @throws ApiException 404 if there is none of that id
   */
  public synchronized Agent uninstall(String agentId, Consumer<Agent> check) {
    Agent agent = any(agentId).orElseThrow(AgentCatalog::notFound);
    check.accept(agent);
    database.inTransaction(tx -> tx.use(AgentDao.class).delete(agentId));
    agents.remove(agentId);
    return agent;
  }

  /**
   * To be called after an account was deleted: its agents go along, the packages that it installed
   * stay and are nobody's from then on.
   */
  public synchronized void userGone(UUID userId) {
    agents.values().removeIf(agent -> isOwn(agent, userId));
    agents.replaceAll(
        (id, agent) ->
            userId.equals(agent.installedBy())
                ? new Agent(agent.manifest(), agent.source(), null)
                : agent);
  }

  /** What somebody is told who asks for an agent that is not there. */
  public static ApiException notFound() {
    return ApiException.notFound("Agent not found");
  }

  BuiltIns builtIns() {
    return builtIns;
  }

  /** Where an agent is not there, its row may still be, of a maker who is gone. */
  private void store(String agentId, UUID userId, Consumer<AgentDao> change) {
    database.inTransaction(
        tx -> {
          AgentDao dao = tx.use(AgentDao.class);
          if (userId != null && dao.lockUser(userId).isEmpty()) {
            throw gone();
          }
          if (!agents.containsKey(agentId)) {
            dao.delete(agentId);
          }
          change.accept(dao);
          return agentId;
        });
  }

  private static boolean isOwn(Agent agent, UUID userId) {
    return agent.source() == Source.USER && agent.installedBy().equals(userId);
  }

  private void restore(AgentDao.Row row) {
    AgentManifest manifest = AgentManifests.fromJson(row.manifest());
    boolean own = row.ownerId() != null;
    agents.put(
        row.agentId(),
        new Agent(
            manifest, own ? Source.USER : Source.PACKAGE, own ? row.ownerId() : row.installedBy()));
  }

  private List<AgentManifest> everybodys() {
    return all(null).stream().map(Agent::manifest).toList();
  }

  private static ApiException exists() {
    return ApiException.badRequest("Agent already exists");
  }

  private static ApiException gone() {
    return ApiException.unauthorized("Token has been revoked");
  }
}
