package io.coterie.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Puts new content in the place of what a data folder holds, which is moved to a folder beside it.
 * Where that is interrupted, what was there is either still in place or in that folder, a server
 * refuses to start in between, and doing it again ends it. Stateless.
 */
final class Replacement {

  /** Brings the new content together. */
  interface Filling {
    void into(Path stage) throws IOException;
  }

  private static final String STAGE = "restoring.part";

  /** As long as it is there, what is in place is not whole. */
  private static final String MARK = "restoring";

  private static final String ASIDE = "before-restore-";
  private static final String PART = ".part";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private final Path dataDir;
  private final DatabaseLock database;

  Replacement(Path dataDir, DatabaseLock database) {
    this.dataDir = dataDir;
    this.database = database;
  }

  /** Whether one was begun in this folder and did not come to its end. */
  static boolean isHalfDone(Path dataDir) {
    return Files.exists(dataDir.resolve(MARK));
  }

  /** Deletes what one left that was interrupted before it changed anything; false for nothing. */
  static boolean deleteLeftovers(Path dataDir) throws IOException {
    Path stage = dataDir.resolve(STAGE);
    boolean found = !isHalfDone(dataDir) && Files.exists(stage);
    if (found) {
      PrivateFiles.deleteAll(stage);
    }
    return found;
  }

  /**
   * Replaces the database, and {@code names} in the data folder, by what the filling has of them.
   *
   * @return where that is now which was there before; empty where there was nothing
   */
  Optional<Path> replace(List<String> names, Filling filling) throws IOException {
    PrivateFiles.folder(dataDir);
    Path stage = dataDir.resolve(STAGE);
    PrivateFiles.deleteAll(stage);
    boolean filled = false;
    try {
      filling.into(PrivateFiles.folder(stage));
      filled = true;
    } finally {
      if (!filled) {
        PrivateFiles.deleteAll(stage);
      }
    }
    try (DatabaseLock.Held held = database.takeIfThere()) {
      if (held == null) {
        PrivateFiles.deleteAll(stage);
        throw new DatabaseLock.InUseException(database.file());
      }
      return replace(names, stage);
    }
  }

  private Optional<Path> replace(List<String> names, Path stage) throws IOException {
    Path mark = PrivateFiles.folder(dataDir.resolve(MARK));
    PrivateFiles.syncFolder(dataDir);
    Optional<Path> aside = setAside(names);
    for (String name : names) {
      putInPlace(stage.resolve(name), dataDir.resolve(name));
    }
    PrivateFiles.folder(database.file().getParent());
    putInPlace(stage.resolve(BackupArchive.DATABASE), database.file());
    PrivateFiles.deleteAll(stage);
    PrivateFiles.deleteAll(mark);
    PrivateFiles.syncFolder(dataDir);
    return aside;
  }

  private Optional<Path> setAside(List<String> names) throws IOException {
    List<Path> present =
        Stream.concat(names.stream().map(dataDir::resolve), Stream.of(database.file()))
            .filter(Replacement::holdsSomething)
            .toList();
    if (present.isEmpty()) {
      return Optional.empty();
    }
    Path aside = PrivateFiles.folder(free(dataDir.resolve(ASIDE + TIME.format(Instant.now()))));
    for (Path path : present) {
      Files.move(path, aside.resolve(path.getFileName()));
    }
    PrivateFiles.syncFolder(aside);
    PrivateFiles.syncFolder(dataDir);
    return Optional.of(aside);
  }

  private static Path free(Path folder) {
    Path free = folder;
    for (int i = 2; Files.exists(free); i++) {
      free = folder.resolveSibling(folder.getFileName() + "-" + i);
    }
    return free;
  }

  private static boolean holdsSomething(Path path) {
    String[] inside = path.toFile().list();
    return inside == null ? Files.exists(path) : inside.length > 0;
  }

  private static void putInPlace(Path from, Path to) throws IOException {
    if (!Files.exists(from)) {
      return;
    }
    PrivateFiles.deleteAll(to);
    if (Files.getFileStore(from).equals(Files.getFileStore(to.getParent()))) {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } else {
      Path part = to.resolveSibling(to.getFileName() + PART);
      Files.deleteIfExists(part);
      PrivateFiles.write(to, part, out -> Files.copy(from, out));
    }
    PrivateFiles.syncFolder(to.getParent());
  }
}
