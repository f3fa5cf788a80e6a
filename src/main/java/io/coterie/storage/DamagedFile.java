package io.coterie.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Consumer;

/**
 * Mends a database's file that is damaged: in a copy that then takes its place, while the file as
 * it was stays beside. Until that is done nothing is changed. Stateless.
 */
final class DamagedFile {

  private static final String KEPT = ".damaged";
  private static final String MENDED = ".mended";
  private static final String PART = ".part";

  /** A disk that damages a file this often is not to be trusted with another one. */
  private static final int MOST_KEPT = 5;

  private final Path file;

  DamagedFile(Path file) {
    this.file = file;
  }

  /**
   * Does it.
   *
   * @param mending is given the copy; what it throws leaves everything as it was
   * @return the file as it was
   * @throws IOException where there is no room, or too many are kept already; says so
   */
  Path mend(Consumer<Path> mending) throws IOException {
    try (DatabaseLock.Held held = new DatabaseLock(file).take()) {
      if (held == null) {
        throw new DatabaseLock.InUseException(file);
      }
      Path kept = free();
      Path mended = beside(MENDED);
      Path part = beside(MENDED + PART);
      Files.deleteIfExists(mended);
      Files.deleteIfExists(part);
      try {
        copyTo(mended, part);
        mending.accept(mended);
        keep(kept, part);
        // In one step: without a file, the next start would begin an empty one.
        Files.move(
            mended, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(mended);
      }
      PrivateFiles.syncFolder(file.toAbsolutePath().getParent());
      return kept;
    }
  }

  private void copyTo(Path target, Path part) throws IOException {
    try {
      PrivateFiles.write(target, part, out -> Files.copy(file, out));
    } catch (IOException e) {
      throw new IOException("there is no room for a copy of it (" + e.getMessage() + ")", e);
    }
  }

  /** A second name costs no room, where the system has such. */
  private void keep(Path kept, Path part) throws IOException {
    try {
      Files.createLink(kept, file);
    } catch (IOException | UnsupportedOperationException e) {
      copyTo(kept, part);
    }
  }

  private Path free() throws IOException {
    for (int i = 1; i <= MOST_KEPT; i++) {
      Path kept = beside(KEPT + (i == 1 ? "" : "-" + i));
      if (!Files.exists(kept)) {
        return kept;
      }
    }
    throw new IOException(
        MOST_KEPT + " damaged ones are kept beside it; check the disk and move them away");
  }

  private Path beside(String ending) {
    return file.resolveSibling(file.getFileName() + ending);
  }
}
