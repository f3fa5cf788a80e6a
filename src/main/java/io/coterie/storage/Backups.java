package io.coterie.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The backups in the folder {@code backups} of the data folder, each a file named after the time at
 * which it was begun. One is written at a time, under another name until it is whole and on the
 * disk. Thread-safe.
 */
public final class Backups {

  /** Something that can be written. */
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * A backup that is there.
   *
   * @param name the file's path within the data folder, with slashes
   * @param bytes how long the file is
   */
  public record Backup(String name, long bytes) {}

  /** Another backup is being written. */
  public static final class BusyException extends IOException {
    private static final long serialVersionUID = 1L;

    BusyException() {
      super("another backup is being written");
    }
  }

  private static final String FOLDER = "backups";
  private static final String PART = ".part";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private final Path dataDir;
  private final Clock clock;
  private final ReentrantLock writing = new ReentrantLock();

  public Backups(Path dataDir, Clock clock) {
    this.dataDir = dataDir;
    this.clock = clock;
  }

  /**
   * Writes one.
   *
   * @param prefix what its name begins with
   * @param database the database's file
   * @throws BusyException where another one is being written
   * @throws UnwritableException where the disk is full or cannot be written; nothing of the backup
   *     is left then
   */
  public Backup write(String prefix, Content database) throws IOException {
    if (!writing.tryLock()) {
      throw new BusyException();
    }
    Path folder = dataDir.resolve(FOLDER);
    try {
      PrivateFiles.folder(folder);
      deleteLeftovers(folder);
      Path file = free(folder, prefix + "-" + TIME.format(clock.instant()));
      PrivateFiles.write(
          file,
          file.resolveSibling(file.getFileName() + PART),
          out -> BackupArchive.write(out, dataDir, database));
      return new Backup(FOLDER + "/" + file.getFileName(), Files.size(file));
    } catch (IOException e) {
      throw UnwritableException.explained(e, folder);
    } finally {
      writing.unlock();
    }
  }

  private static Path free(Path folder, String name) {
    Path file = folder.resolve(name + ".zip");
    for (int i = 2; Files.exists(file); i++) {
      file = folder.resolve(name + "-" + i + ".zip");
    }
    return file;
  }

  /** A process that died may have left half of a backup. */
  private static void deleteLeftovers(Path folder) throws IOException {
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "*" + PART)) {
      for (Path part : parts) {
        Files.delete(part);
      }
    }
  }
}
