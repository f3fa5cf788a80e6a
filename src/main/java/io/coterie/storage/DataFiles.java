package io.coterie.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.stream.Stream;

/**
 * Backups of a server's data from outside the server, and the way back: what the commands {@code
 * backup}, {@code restore}, {@code export} and {@code import} do. Each either does all of it or
 * changes nothing; the message of what is thrown says why, for the operator. Stateless.
 */
public final class DataFiles {

  /** Where what is restored is put together; as long as it is there, the rest is not whole. */
  private static final String STAGE = "restoring";

  private static final String PART = ".part";
  private static final String GZIP = " COMPRESSION GZIP";

  private final Path dataDir;
  private final Path database;

  /**
   * @param database the file that the database is kept in
   */
  public DataFiles(Path dataDir, Path database) {
    this.dataDir = dataDir;
    this.database = database;
  }

  /** Whether a restore into this folder was begun and did not come to its end. */
  public static boolean isHalfRestored(Path dataDir) {
    return Files.exists(dataDir.resolve(STAGE));
  }

  /**
   * Writes a backup, through the server where one runs.
   *
   * @param target a file that is not there yet
   */
  public void backup(Path target) throws IOException {
    refuseExisting(target);
    if (!Files.exists(database)) {
      throw new IOException("there is no database at " + database);
    }
    Path part = target.resolveSibling(target.getFileName() + PART);
    Files.deleteIfExists(part);
    // The lock is the one that H2 takes, so no server can start meanwhile.
    try (FileChannel file = open();
        FileLock lock = lock(file)) {
      if (lock == null) {
        Path made = BackupRequests.ask(dataDir, this::isInUse);
        PrivateFiles.write(target, part, out -> Files.copy(made, out));
        Files.delete(made);
      } else {
        PrivateFiles.write(
            target, part, out -> BackupArchive.write(out, dataDir, to -> copy(file, to)));
      }
    }
  }

  /** Puts back what a backup holds, where there is nothing yet. */
  public void restore(Path archive) throws IOException {
    refuseDatabase();
    if (!isHalfRestored(dataDir)
        && (holds(BackupArchive.SECRET) || holds(BackupArchive.REGISTRY))) {
      throw new IOException(dataDir + " is in use already: " + ELSEWHERE);
    }
    fill(stage -> BackupArchive.extract(archive, stage));
  }

  /**
   * Writes the database as an SQL script, compressed where the name ends with {@code .gz}.
   *
   * @param target a file that is not there yet
   */
  public void exportScript(Path target) throws IOException {
    refuseExisting(target);
    Path scratch = Files.createTempDirectory(target.toAbsolutePath().getParent(), ".export");
    try {
      Path archive = scratch.resolve("backup.zip");
      backup(archive);
      BackupArchive.extract(archive, scratch);
      Path script = scratch.resolve("script");
      String sql = "SCRIPT NOPASSWORDS NOSETTINGS TO ?" + (isGzip(target) ? GZIP : "");
      run(scratch, sql + " CHARSET 'UTF-8'", script);
      Path part = target.resolveSibling(target.getFileName() + PART);
      Files.deleteIfExists(part);
      PrivateFiles.write(target, part, out -> Files.copy(script, out));
    } finally {
      PrivateFiles.deleteAll(scratch);
    }
  }

  /** Makes the database of a script that was exported, where there is none yet. */
  public void importScript(Path script) throws IOException {
    refuseDatabase();
    String sql = "RUNSCRIPT FROM ?" + (isGzip(script) ? GZIP : "") + " CHARSET 'UTF-8'";
    fill(stage -> run(stage, sql, script.toAbsolutePath()));
  }

  private interface Filling {
    void into(Path stage) throws IOException;
  }

  private static final String ELSEWHERE =
      "move it away first, or name another folder with --data.dir=DIR";

  private void fill(Filling filling) throws IOException {
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
    // From here on what was interrupted is begun anew: the stage tells.
    putInPlace(stage.resolve(BackupArchive.REGISTRY), dataDir.resolve(BackupArchive.REGISTRY));
    putInPlace(stage.resolve(BackupArchive.SECRET), dataDir.resolve(BackupArchive.SECRET));
    PrivateFiles.folder(database.getParent());
    putInPlace(stage.resolve(BackupArchive.DATABASE), database);
    PrivateFiles.deleteAll(stage);
    PrivateFiles.syncFolder(dataDir);
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

  private boolean holds(String name) throws IOException {
    Path path = dataDir.resolve(name);
    if (!Files.isDirectory(path)) {
      return Files.exists(path);
    }
    try (Stream<Path> inside = Files.list(path)) {
      return inside.findAny().isPresent();
    }
  }

  private void refuseDatabase() throws IOException {
    if (Files.exists(database)) {
      throw new IOException(
          (isInUse() ? "a server runs on " : "there is a database already: ")
              + database
              + "; "
              + ELSEWHERE);
    }
  }

  private static void refuseExisting(Path target) throws IOException {
    if (Files.exists(target)) {
      throw new FileAlreadyExistsException(target.toString(), null, "is there already");
    }
  }

  private boolean isInUse() {
    try (FileChannel file = open();
        FileLock lock = lock(file)) {
      return lock == null;
    } catch (IOException e) {
      return false;
    }
  }

  private FileChannel open() throws IOException {
    return FileChannel.open(database, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /** Null where somebody else has the file open. */
  private static FileLock lock(FileChannel file) throws IOException {
    try {
      return file.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static void copy(FileChannel file, OutputStream out) throws IOException {
    file.position(0);
    Channels.newInputStream(file).transferTo(out);
  }

  private static boolean isGzip(Path file) {
    return file.getFileName().toString().endsWith(".gz");
  }

  /** Runs a statement on the database in that folder, which is made where it is missing. */
  private static void run(Path folder, String sql, Path parameter) throws IOException {
    String name = BackupArchive.DATABASE.replace(".mv.db", "");
    String url = "jdbc:h2:" + folder.resolve(name).toAbsolutePath() + ";DB_CLOSE_ON_EXIT=FALSE";
    try (Connection connection = DriverManager.getConnection(url, "sa", "");
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, parameter.toString());
      statement.execute();
    } catch (SQLException e) {
      String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new IOException(why, e);
    }
  }
}
