package io.coterie.packages;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** A folder of this machine as a registry. Nothing outside the folder is ever read. */
final class FolderRegistry implements Registry {
  private final String url;
  private final Path root;
  private final boolean mayBeMissing;

  private FolderRegistry(String url, Path root, boolean mayBeMissing) {
    this.url = url;
    this.root = root;
    this.mayBeMissing = mayBeMissing;
  }

  /** A folder that somebody named in the settings: it must be there. */
  static FolderRegistry named(String url, Path root) {
    return new FolderRegistry(url, root, false);
  }

  /** This server's own registry: until something is published, there is no folder. */
  static FolderRegistry own(Path root) {
    return new FolderRegistry("own:", root, true);
  }

  @Override
  public String url() {
    return url;
  }

  @Override
  public Optional<byte[]> read(String path, int maxBytes)
      throws RegistryException, RefusedException {
    Optional<Path> file = locate(path);
    try {
      return file.isEmpty() ? Optional.empty() : Optional.of(content(file.get(), maxBytes));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw RegistryException.unavailable("the registry could not be read", e);
    }
  }

  /** Where a file really is, which is in the folder; empty if there is none. */
  Optional<Path> locate(String path) throws RegistryException, RefusedException {
    if (!Files.isDirectory(root)) {
      if (mayBeMissing && Files.notExists(root)) {
        return Optional.empty();
      }
      throw RegistryException.unavailable("the registry could not be reached");
    }
    try {
      Path folder = root.toRealPath();
      Path named = folder.resolve(path);
      if (Files.isRegularFile(named.getParent())) {
        return Optional.empty();
      }
      Path file = named.toRealPath();
      if (!file.startsWith(folder)) {
        throw new RefusedException("a link in the registry leads out of it");
      }
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          ? Optional.of(file)
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw RegistryException.unavailable("the registry could not be read", e);
    }
  }

  private static byte[] content(Path file, int maxBytes) throws IOException, RefusedException {
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw Limits.tooLarge(maxBytes);
      }
      return bytes;
    }
  }
}
