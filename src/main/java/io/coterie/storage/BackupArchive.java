package io.coterie.storage;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * What a backup holds, as a zip archive: the database file and, where they are there, the secret
 * that signs tokens, the server's own registry, and what agents' tools keep in the folder in which
 * they run. Stateless.
 */
final class BackupArchive {

  static final String DATABASE = "coterie.mv.db";

  private static final String SECRET = "jwt.secret";
  private static final String REGISTRY = "registry";
  private static final String TOOLS = "tools";

  /** All that belongs to the database, in the data folder. */
  static final List<String> BESIDE_DATABASE = List.of(REGISTRY, TOOLS, SECRET);

  private static final String INDEX = "index.json";
  private static final String PART = ".part";

  private BackupArchive() {}

  /** Writes a backup of what is in {@code dataDir}, with the database as it is given. */
  static void write(OutputStream out, Path dataDir, Backups.Content database) throws IOException {
    ZipOutputStream zip = new ZipOutputStream(new BufferedOutputStream(out, 1 << 16));
    zip.setLevel(Deflater.BEST_SPEED);
    zip.putNextEntry(new ZipEntry(DATABASE));
    database.writeTo(zip);
    zip.closeEntry();
    Path secret = dataDir.resolve(SECRET);
    if (Files.exists(secret)) {
      add(zip, SECRET, secret);
    }
    addRegistry(zip, dataDir.resolve(REGISTRY));
    addAll(zip, dataDir.resolve(TOOLS), Integer.MAX_VALUE, file -> true);
    zip.finish();
    zip.flush();
  }

  /**
   * The list of all names is written after their indexes, and those after the archives that they
   * name: reading in the opposite order finds everything that is named.
   */
  private static void addRegistry(ZipOutputStream zip, Path registry) throws IOException {
    addAll(zip, registry, 1, file -> true);
    addAll(zip, registry, 2, file -> file.endsWith(INDEX) && !file.getParent().equals(registry));
    addAll(zip, registry, 2, file -> !file.endsWith(INDEX) && !file.getParent().equals(registry));
  }

  private static void addAll(ZipOutputStream zip, Path folder, int depth, Predicate<Path> which)
      throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder, depth)) {
      files = all.filter(file -> isWhole(file) && which.test(file)).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    for (Path file : files) {
      String name = folder.relativize(file).toString().replace('\\', '/');
      add(zip, folder.getFileName() + "/" + name, file);
    }
  }

  private static boolean isWhole(Path file) {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        && !file.getFileName().toString().endsWith(PART);
  }

  /** Programs delete files as they like: what is gone is no part of the backup. */
  private static void add(ZipOutputStream zip, String name, Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      zip.putNextEntry(new ZipEntry(name));
      in.transferTo(zip);
      zip.closeEntry();
    } catch (NoSuchFileException e) {
      return;
    }
  }

  /**
   * Writes what a backup holds to {@code folder}.
   *
   * @throws ZipException where the archive is no backup or damaged
   */
  static void extract(Path archive, Path folder) throws IOException {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      if (zip.getEntry(DATABASE) == null) {
        throw new ZipException("it has no database in it");
      }
      for (ZipEntry entry : Collections.list(zip.entries())) {
        extract(zip, entry, folder);
      }
    } catch (NoSuchFileException e) {
      throw new NoSuchFileException(archive.toString());
    }
  }

  private static void extract(ZipFile zip, ZipEntry entry, Path folder) throws IOException {
    String name = entry.getName();
    Path file = folder.resolve(name).normalize();
    boolean known =
        List.of(DATABASE, SECRET).contains(name)
            || Stream.of(REGISTRY, TOOLS).anyMatch(of -> name.startsWith(of + "/"));
    if (!known || !file.startsWith(folder.normalize()) || entry.isDirectory()) {
      throw new ZipException("it has in it what no backup has");
    }
    PrivateFiles.folder(file.getParent());
    // A ZipFile does not compare checksums.
    try (CheckedInputStream in = new CheckedInputStream(zip.getInputStream(entry), new CRC32())) {
      PrivateFiles.write(file, file.resolveSibling(file.getFileName() + PART), in::transferTo);
      if (in.getChecksum().getValue() != entry.getCrc() || Files.size(file) != entry.getSize()) {
        throw new ZipException(name + " is not as it was written");
      }
    }
  }
}
