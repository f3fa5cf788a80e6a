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
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes packages into a folder so that it is a registry: the archives, the index of each name, and
 * the list of all. Every file is replaced as a whole, archives before the indexes that name them,
 * so that a reader never meets half of anything. Thread-safe within one instance.
 */
final class RegistryFolder {
  private static final String INDEX = "index.json";
  private static final String PART = ".part";

  private final Path root;

  RegistryFolder(Path root) {
    this.root = root;
  }

  /** That version is there, with another content. */
  static final class TakenException extends FileAlreadyExistsException {
    private static final long serialVersionUID = 1L;

    TakenException(String name, String version) {
      super(name + ":" + version + " is there and never changes");
    }
  }

  /**
   * Adds one version. Adding the same archive again changes nothing.
   *
   * @param zip an archive that was checked, and of which {@code manifest} is the manifest
   * @throws TakenException if that version is there with another content
   * @throws RefusedException if readers would refuse what the registry became
   */
  synchronized PackResult add(AgentManifest manifest, byte[] zip)
      throws IOException, RefusedException {
    String name = manifest.agentId();
    String version = manifest.version();
    Path folder = root.resolve(name);
    PackageIndex index = index(folder.resolve(INDEX), name);
    String sha256 = PackageArchive.sha256(zip);
    Path archive = folder.resolve(name + "-" + version + ".zip");
    Optional<PackageIndex.Entry> before =
        index.entries().stream().filter(e -> e.version().equals(version)).findFirst();
    if (before.isPresent() && !before.get().sha256().equals(sha256)) {
      throw new TakenException(name, version);
    }
    if (before.isEmpty()) {
      List<PackageIndex.Entry> entries = new ArrayList<>(index.entries());
      entries.add(new PackageIndex.Entry(version, archive.getFileName().toString(), sha256));
      index = new PackageIndex(name, entries);
    }
    byte[] indexBytes = bytes(json(index));
    Optional<byte[]> list = list(manifest, index);
    if (before.isEmpty()) {
      add(archive, zip, folder.resolve(INDEX), indexBytes);
    }
    if (list.isPresent()) {
      replace(root.resolve(INDEX), list.get());
    }
    return new PackResult(name, version, sha256, archive);
  }

  /** Where the disk is full, nothing of it is left. */
  private static void add(Path archive, byte[] zip, Path index, byte[] indexBytes)
      throws IOException {
    boolean done = false;
    boolean isNew = !Files.exists(archive.getParent());
    try {
      Files.createDirectories(archive.getParent());
      replace(archive, zip);
      replace(index, indexBytes);
      done = true;
    } finally {
      if (!done) {
        Files.deleteIfExists(archive);
        if (isNew) {
          Files.deleteIfExists(archive.getParent());
        }
      }
    }
  }

  /** Deletes what a process that died left half written; nobody else may be writing. */
  synchronized void clean() throws IOException {
    if (!Files.isDirectory(root)) {
      return;
    }
    try (Stream<Path> files = Files.walk(root, 2)) {
      for (Path file : files.filter(RegistryFolder::isLeftover).toList()) {
        Files.delete(file);
      }
    }
  }

  private static boolean isLeftover(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith(".")
        && name.endsWith(PART)
        && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  private static PackageIndex index(Path file, String name) throws IOException, RefusedException {
    return Files.exists(file)
        ? PackageIndex.parse(Files.readAllBytes(file), name)
        : new PackageIndex(name, List.of());
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

  /** The list of all packages, brought up to date; empty where it is that already. */
  private Optional<byte[]> list(AgentManifest added, PackageIndex index)
      throws IOException, RefusedException {
    Path file = root.resolve(INDEX);
    Map<String, JsonNode> byName = new TreeMap<>();
    if (Files.exists(file)) {
      JsonNode list = StrictJson.object(Files.readAllBytes(file), "the registry's list");
      list.path("packages").forEach(p -> byName.put(p.path("name").asText(), p));
    }
    String name = added.agentId();
    PackageIndex.Entry newest = index.newest().orElseThrow();
    JsonNode listed = byName.get(name);
    if (listed != null && listed.path("version").asText().equals(newest.version())) {
      return Optional.empty();
    }
    AgentManifest manifest = newest.version().equals(added.version()) ? added : read(name, newest);
    byName.put(
        name,
        JsonNodeFactory.instance
            .objectNode()
            .put("name", name)
            .put("description", manifest.description())
            .put("version", manifest.version()));
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putArray("packages").addAll(byName.values());
    return Optional.of(bytes(json));
  }

  /** For a list that a process that died did not come to write. */
  private AgentManifest read(String name, PackageIndex.Entry entry)
      throws IOException, RefusedException {
    byte[] zip = Files.readAllBytes(root.resolve(name).resolve(entry.file()));
    return PackageArchive.read(zip, name, entry);
  }

  private static byte[] bytes(JsonNode json) throws RefusedException {
    byte[] bytes = (json + "\n").getBytes(StandardCharsets.UTF_8);
    if (bytes.length > Limits.INDEX) {
      throw new RefusedException(
          "an index of the registry would be over " + (Limits.INDEX >> 20) + " MB");
    }
    return bytes;
  }

  private static void replace(Path file, byte[] content) throws IOException {
    Path written = file.resolveSibling("." + file.getFileName() + PART);
    try {
      Files.write(written, content);
      Files.move(
          written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(written);
    }
  }
}
