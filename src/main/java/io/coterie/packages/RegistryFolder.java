package io.coterie.packages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.agent.AgentManifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Writes packages into a folder so that it is a registry: the archives, the index of each name, and
 * the list of all. Every file is replaced as a whole, archives before the indexes that name them,
 * so that a reader never meets half of anything. Thread-safe within one instance.
 */
final class RegistryFolder {
  private static final String INDEX = "index.json";

  private final Path root;

  RegistryFolder(Path root) {
    this.root = root;
  }

  /**
   * Adds one version. Adding the same archive again changes nothing.
   *
   * @param zip an archive that was checked, and of which {@code manifest} is the manifest
   * @throws FileAlreadyExistsException if that version is there with another content
   */
  synchronized PackResult add(AgentManifest manifest, byte[] zip) throws IOException {
    String name = manifest.agentId();
    String version = manifest.version();
    Path folder = Files.createDirectories(root.resolve(name));
    PackageIndex index = index(folder.resolve(INDEX), name);
    String sha256 = PackageArchive.sha256(zip);
    Path archive = folder.resolve(name + "-" + version + ".zip");
    PackResult result = new PackResult(name, version, sha256, archive);
    Optional<PackageIndex.Entry> before =
        index.entries().stream().filter(e -> e.version().equals(version)).findFirst();
    if (before.isPresent() && !before.get().sha256().equals(sha256)) {
      throw new FileAlreadyExistsException(name + ":" + version + " is there and never changes");
    }
    if (before.isEmpty()) {
      replace(archive, zip);
      List<PackageIndex.Entry> entries = new ArrayList<>(index.entries());
      entries.add(new PackageIndex.Entry(version, archive.getFileName().toString(), sha256));
      index = new PackageIndex(name, entries);
      replace(folder.resolve(INDEX), bytes(json(index)));
    }
    list(manifest, index);
    return result;
  }

  private static PackageIndex index(Path file, String name) throws IOException {
    try {
      return Files.exists(file)
          ? PackageIndex.parse(Files.readAllBytes(file), name)
          : new PackageIndex(name, List.of());
    } catch (RefusedException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static ObjectNode json(PackageIndex index) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("name", index.name());
    ArrayNode versions = json.putArray("versions");
    for (PackageIndex.Entry entry : index.entries()) {
      versions
          .addObject()
          .put("version", entry.version())
          .put("file", entry.file())
          .put("sha256", entry.sha256());
    }
    return json;
  }

  /** Brings the list of all packages up to date: each with its newest version, sorted by name. */
  private void list(AgentManifest added, PackageIndex index) throws IOException {
    Path file = root.resolve(INDEX);
    Map<String, JsonNode> byName = new TreeMap<>();
    try {
      if (Files.exists(file)) {
        JsonNode list = StrictJson.object(Files.readAllBytes(file), "the registry's list");
        list.path("packages").forEach(p -> byName.put(p.path("name").asText(), p));
      }
    } catch (RefusedException e) {
      throw new IOException(e.getMessage(), e);
    }
    String name = added.agentId();
    boolean newest =
        index.newest().map(PackageIndex.Entry::version).filter(added.version()::equals).isPresent();
    if (newest || !byName.containsKey(name)) {
      ObjectNode entry = JsonNodeFactory.instance.objectNode().put("name", name);
      byName.put(
          name, entry.put("description", added.description()).put("version", added.version()));
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putArray("packages").addAll(byName.values());
    replace(file, bytes(json));
  }

  private static byte[] bytes(JsonNode json) {
    return (json + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static void replace(Path file, byte[] content) throws IOException {
    Path written = file.resolveSibling("." + file.getFileName() + ".part");
    try {
      Files.write(written, content);
      Files.move(
          written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(written);
    }
  }
}
