package io.coterie.packages;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The build's step that makes the bundled registry: packs every folder of its first argument into
 * the registry in its second, which it empties of packages first. Not for concurrent use.
 */
public final class PackBundled {
  private PackBundled() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 2) {
      throw new IllegalArgumentException("usage: PackBundled SOURCES REGISTRY");
    }
    Path registry = Files.createDirectories(Path.of(args[1]));
    for (Path old : children(registry)) {
      removePackage(old);
    }
    for (Path folder : children(Path.of(args[0]))) {
      if (Files.isDirectory(folder)) {
        Packer.pack(folder, registry);
      }
    }
  }

  /** Deletes what packing makes and nothing else, lest a mistyped argument delete a home. */
  private static void removePackage(Path old) throws IOException {
    if (old.endsWith("index.json")) {
      Files.delete(old);
    }
    if (!Files.isDirectory(old) || !Files.exists(old.resolve("index.json"))) {
      return;
    }
    for (Path file : children(old)) {
      String name = file.getFileName().toString();
      if (name.equals("index.json") || name.endsWith(".zip")) {
        Files.delete(file);
      }
    }
    if (children(old).isEmpty()) {
      Files.delete(old);
    }
  }

  private static List<Path> children(Path folder) throws IOException {
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
      stream.forEach(children::add);
    }
    Collections.sort(children);
    return children;
  }
}
