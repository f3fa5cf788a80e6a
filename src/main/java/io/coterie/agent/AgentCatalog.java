package io.coterie.agent;

import io.coterie.http.Json;
import io.coterie.storage.Database;
import io.coterie.storage.DuplicateKeyException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which agents there are: the built-in ones and those that were installed. Kept in memory, the
 * database being the record. Thread-safe.
 */
public final class AgentCatalog {

  /** Where an agent came from. */
  public enum Source {
    BUILTIN,
    PACKAGE,
    USER
  }

  /** An agent that can answer. */
  public record Agent(AgentManifest manifest, Source source, UUID installedBy) {}

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
    this.builtIns = new BuiltIns(version, this::manifests);
    builtIns
        .manifests()
        .forEach((id, manifest) -> agents.put(id, new Agent(manifest, Source.BUILTIN, null)));
  }

  /** Waits for the database and reads which agents are installed; to be called once. */
  public void load() {
    database.awaitOpen(AgentDao.class);
    database.reader(AgentDao.class).all().forEach(this::restore);
  }

  /** The agent of that id, if that user may use it. */
  public Optional<Agent> find(String agentId, UUID userId) {
    return Optional.ofNullable(agents.get(agentId));
  }

  /** All agents that the user may use: the built-in ones first, then by id. */
  public List<Agent> all(UUID userId) {
    List<Agent> all = new ArrayList<>(agents.values());
    all.sort(
        Comparator.comparing(Agent::source).thenComparing(agent -> agent.manifest().agentId()));
    return all;
  }

  /**
   * Installs an agent from a package. Where there is another version of it, that one is replaced
   * and stays whose it was.
   */
  public void install(AgentManifest manifest, UUID userId, String registry, String sha256) {
    String json = Json.write(AgentManifests.toJson(manifest));
    try {
      store(manifest.agentId(), userId, registry, sha256, json);
    } catch (DuplicateKeyException e) {
      store(manifest.agentId(), userId, registry, sha256, json);
    }
    agents.compute(
        manifest.agentId(),
        (id, old) -> new Agent(manifest, Source.PACKAGE, old == null ? userId : old.installedBy()));
  }

  /** Removes an installed agent; workspaces keep its id, in case it comes back. */
  public void uninstall(String agentId) {
    database.inTransaction(tx -> tx.use(AgentDao.class).delete(agentId));
    agents.remove(agentId);
  }

  BuiltIns builtIns() {
    return builtIns;
  }

  private void store(String agentId, UUID userId, String registry, String sha256, String json) {
    String source = "package";
    database.inTransaction(
        tx -> {
          AgentDao dao = tx.use(AgentDao.class);
          var now = clock.instant();
          if (dao.update(agentId, source, registry, sha256, json, now) == 0) {
            dao.insert(agentId, source, userId, registry, sha256, json, now);
          }
          return agentId;
        });
  }

  private void restore(AgentDao.Row row) {
    AgentManifest manifest = AgentManifests.fromJson(row.manifest());
    agents.put(row.agentId(), new Agent(manifest, Source.PACKAGE, row.installedBy()));
  }

  private List<AgentManifest> manifests() {
    return all(null).stream().map(Agent::manifest).toList();
  }
}
