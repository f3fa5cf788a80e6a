package io.coterie.packages;

import io.coterie.agent.AgentManifest;
import io.coterie.agent.AgentManifests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * This server's own registry: publishing into it, and finding the files that others may read. The
 * folder comes into being with the first package. Thread-safe, as long as no other process writes
 * there.
 */
final class OwnRegistry {

  /** What stands for a list that was never written. */
  static final byte[] EMPTY_LIST = "{\"packages\":[]}\n".getBytes(StandardCharsets.UTF_8);

  static final String INDEX = "index.json";

  private static final Pattern ARCHIVE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,199}\\.zip");

  private final RegistryFolder folder;
  private final FolderRegistry reader;
  private boolean cleaned;

  OwnRegistry(Path root) {
    this.folder = new RegistryFolder(root);
    this.reader = FolderRegistry.own(root);
  }

  /**
   * Checks a package as an installation would, and publishes it.
   *
   * @throws RefusedException if it is not in order, or not that version of that package
   * @throws RegistryFolder.TakenException if that version is there with another content
   */
  void publish(String name, String version, byte[] zip) throws IOException, RefusedException {
    AgentManifest manifest = PackageArchive.read(zip, name, version);
    synchronized (this) {
      if (!cleaned) {
        folder.clean();
        cleaned = true;
      }
    }
    folder.add(manifest, zip);
  }

  /** The file of the list of all packages. */
  Optional<Path> list() throws RegistryException {
    return locate(INDEX);
  }

  /** A package's index or archive; empty for anything else. */
  Optional<Path> file(String name, String file) throws RegistryException {
    boolean named = file.equals(INDEX) || ARCHIVE.matcher(file).matches();
    return named && AgentManifests.isAgentId(name) ? locate(name + "/" + file) : Optional.empty();
  }

  private Optional<Path> locate(String path) throws RegistryException {
    try {
      return reader.locate(path);
    } catch (RefusedException e) {
      return Optional.empty();
    }
  }
}
