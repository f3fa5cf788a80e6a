package io.coterie.packages;

import io.coterie.agent.AgentCatalog;
import io.coterie.agent.AgentCatalog.Agent;
import io.coterie.agent.AgentManifests;
import io.coterie.http.ApiException;
import io.coterie.http.Authentication;
import io.coterie.http.Fields;
import io.coterie.http.Json;
import io.coterie.http.Params;
import io.coterie.http.Principal;
import io.javalin.http.Context;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Finds packages and installs agents from them. Downloads run on a few threads of their own, so
 * that a slow registry costs nobody else an answer. Thread-safe.
 */
public final class PackageHandler implements AutoCloseable {

  /** The longest package that is taken, in bytes. */
  public static final long MAX_PACKAGE = Limits.PACKAGE;

  /** Who may install. */
  public enum Installers {
    ANYONE,
    USERS,
    ADMINS
  }

  private static final int THREADS = 4;
  private static final int QUEUE = 100;
  private static final int SEARCHES = 8;
  private static final int MAX_NAME = 200;

  private record Answer(int status, String text) {}

  private final Registries registries;
  private final AgentCatalog catalog;
  private final Installers installers;
  private final ThreadPoolExecutor threads = pool(THREADS, new LinkedBlockingQueue<>(QUEUE));

  /** Each registry is asked for its list by one thread at a time, so its queue needs no bound. */
  private final ThreadPoolExecutor searches = pool(SEARCHES, new LinkedBlockingQueue<>());

  public PackageHandler(Registries registries, AgentCatalog catalog, Installers installers) {
    this.registries = registries;
    this.catalog = catalog;
    this.installers = installers;
  }

  /** Answers with a JSON string, or with plain text where that is asked for. */
  public void download(Context ctx) {
    Optional<String> name = Params.query(ctx, "query");
    if (name.isEmpty()) {
      ctx.status(400).json(Map.of("error", "Missing param 'query'"));
      return;
    }
    Fields.checked("query", name.get(), MAX_NAME);
    Optional<String> version =
        Params.query(ctx, "version").map(text -> Fields.checked("version", text, MAX_NAME));
    Optional<Principal> principal = Authentication.optionalPrincipal(ctx);
    CompletableFuture<Answer> answer;
    try {
      answer =
          CompletableFuture.supplyAsync(
              () -> install(name.get().strip(), version.orElse(null), principal), threads);
    } catch (RejectedExecutionException e) {
      throw ApiException.tooManyRequests(5);
    }
    ctx.future(() -> answer.thenAccept(a -> answer(ctx, a)));
  }

  /** What the registries offer; without a {@code query}, everything. */
  public void search(Context ctx) {
    String query =
        Params.query(ctx, "query").map(q -> Fields.checked("query", q, MAX_NAME)).orElse("");
    ctx.future(
        () ->
            registries
                .search(query, searches)
                .thenAccept(found -> ctx.json(Map.of("packages", found))));
  }

  @Override
  public void close() {
    threads.shutdownNow();
    searches.shutdownNow();
    registries.close();
  }

  private static void answer(Context ctx, Answer answer) {
    boolean plain = isPlain(ctx);
    if (answer.status() == 401) {
      ctx.header("WWW-Authenticate", "Bearer"); // a registry's 401 is one like any other
    }
    ctx.status(answer.status())
        .contentType(plain ? "text/plain; charset=utf-8" : "application/json")
        .result(plain ? answer.text() : Json.write(answer.text()));
  }

  private Answer install(String name, String version, Optional<Principal> principal) {
    try {
      Registries.Listed listed = registries.find(name, version);
      requireInstaller(principal);
      Optional<Agent> present = catalog.any(name);
      if (present.isPresent() && !mayReplace(present.get(), listed, principal)) {
        return installed(name, listed);
      }
      DownloadedPackage downloaded = registries.download(listed);
      AgentManifests.requireMayRun(
          downloaded.manifest(), principal.map(Principal::admin).orElse(false));
      catalog.install(
          downloaded.manifest(),
          principal.map(Principal::userId).orElse(null),
          downloaded.registry(),
          downloaded.sha256(),
          old -> mayReplace(old, listed, principal));
      return installed(name, listed);
    } catch (PackageException e) {
      return new Answer(e.status(), e.getMessage());
    }
  }

  private static Answer installed(String name, Registries.Listed listed) {
    return new Answer(200, "Successfully installed " + name + ":" + listed.version());
  }

  /**
   * Whether there is anything to do. Another version of an agent replaces it for everybody, which
   * is up to whoever installed it.
   */
  private boolean mayReplace(Agent agent, Registries.Listed listed, Optional<Principal> principal)
      throws PackageException {
    if (agent.source() == AgentCatalog.Source.BUILTIN) {
      throw listed.taken("agent_id " + agent.manifest().agentId() + " is built in");
    }
    if (agent.source() == AgentCatalog.Source.USER) {
      throw listed.taken("a user has made an agent of that id");
    }
    if (agent.manifest().version().equals(listed.version())) {
      AgentManifests.requireMayRun(agent.manifest(), principal.map(Principal::admin).orElse(false));
      return false;
    }
    boolean nobodys = agent.installedBy() == null && installers == Installers.ANYONE;
    boolean allowed =
        principal
            .map(user -> user.admin() || user.userId().equals(agent.installedBy()))
            .orElse(false);
    if (!nobodys && !allowed) {
      throw ApiException.forbidden("User is not the owner of the agent");
    }
    return true;
  }

  private void requireInstaller(Optional<Principal> principal) {
    if (installers == Installers.ANYONE) {
      return;
    }
    Principal user =
        principal.orElseThrow(() -> ApiException.unauthorized("Missing Authorization Header"));
    if (installers == Installers.ADMINS && !user.admin()) {
      throw ApiException.forbidden("Admin only");
    }
  }

  private static boolean isPlain(Context ctx) {
    String accept = ctx.header("Accept");
    String types = accept == null ? "" : accept.toLowerCase(Locale.ROOT);
    return types.contains("text/plain") && !types.contains("json");
  }

  static ThreadPoolExecutor pool(int size, BlockingQueue<Runnable> queue) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(size, size, 5, TimeUnit.SECONDS, queue, PackageHandler::thread);
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "packages");
    thread.setDaemon(true);
    return thread;
  }
}
