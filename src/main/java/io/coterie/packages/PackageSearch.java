package io.coterie.packages;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.agent.AgentManifests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Looks through the lists of all registries, which are asked side by side. Whoever searches while a
 * registry is being asked waits for that same answer. Thread-safe.
 */
final class PackageSearch {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final List<Registry> registries;
  private final Duration patience;
  private final Map<Registry, CompletableFuture<List<FoundPackage>>> asked =
      new ConcurrentHashMap<>();

  PackageSearch(List<Registry> registries) {
    this(registries, PATIENCE);
  }

  /**
   * @param patience how long a search waits for a registry
   */
  PackageSearch(List<Registry> registries, Duration patience) {
    this.registries = registries;
    this.patience = patience;
  }

  CompletableFuture<List<FoundPackage>> search(String query, Executor threads) {
    List<CompletableFuture<List<FoundPackage>>> lists = new ArrayList<>();
    for (Registry registry : registries) {
      lists.add(
          ask(registry, threads)
              .copy()
              .completeOnTimeout(List.of(), patience.toMillis(), TimeUnit.MILLISECONDS));
    }
    return CompletableFuture.allOf(lists.toArray(CompletableFuture[]::new))
        .thenApply(all -> matching(query, lists.stream().map(CompletableFuture::join).toList()));
  }

  private CompletableFuture<List<FoundPackage>> ask(Registry registry, Executor threads) {
    CompletableFuture<List<FoundPackage>> list =
        asked.computeIfAbsent(registry, r -> CompletableFuture.supplyAsync(() -> list(r), threads));
    var unused = list.whenComplete((found, failure) -> asked.remove(registry, list));
    return list;
  }

  private static List<FoundPackage> matching(String query, List<List<FoundPackage>> lists) {
    String wanted = query.strip().toLowerCase(Locale.ROOT);
    Map<String, FoundPackage> firsts = new LinkedHashMap<>();
    lists.forEach(list -> list.forEach(p -> firsts.putIfAbsent(p.name(), p)));
    return firsts.values().stream()
        .filter(p -> (p.name() + "\n" + p.description()).toLowerCase(Locale.ROOT).contains(wanted))
        .toList();
  }

  private static List<FoundPackage> list(Registry registry) {
    try {
      Optional<byte[]> list = registry.read("index.json", Limits.INDEX);
      return list.isPresent() ? packages(list.get(), shown(registry.url())) : List.of();
    } catch (RegistryException | RefusedException e) {
      Registries.log(registry, "its list", e);
      return List.of();
    }
  }

  private static List<FoundPackage> packages(byte[] list, String registry) throws RefusedException {
    List<FoundPackage> found = new ArrayList<>();
    for (JsonNode node : StrictJson.object(list, "the registry's list").path("packages")) {
      String name = node.path("name").textValue();
      String version = node.path("version").textValue();
      if (AgentManifests.isAgentId(name) && AgentManifests.isVersion(version)) {
        String description = node.path("description").asText("");
        found.add(new FoundPackage(name, description, version, registry));
      }
    }
    return found;
  }

  /** Where folders of this machine are is not everybody's business. */
  private static String shown(String url) {
    if (!url.regionMatches(true, 0, "file:", 0, "file:".length())) {
      return url;
    }
    String path = url.replaceFirst("/+$", "");
    return "file:" + path.substring(1 + Math.max(path.indexOf(':'), path.lastIndexOf('/')));
  }
}
