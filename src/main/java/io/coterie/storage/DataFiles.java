package io.coterie.storage;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Backups of a server's data from outside the server, and the way back: what the commands {@code
 * backup}, {@code restore}, {@code export} and {@code import} do. Each either does all of it or
 * changes nothing; the message of what is thrown says why, for the operator. Stateless.
 */
public final class DataFiles {

  private static final String PART = ".part";
  private static final String GZIP = " COMPRESSION GZIP";

  private final Path dataDir;
  private final DatabaseLock database;
  private final Replacement replacement;

  /**
   * @param database the file that the database is kept in
   */
  public DataFiles(Path dataDir, Path database) {
    this.dataDir = dataDir;
    this.database = new DatabaseLock(database);
    this.replacement = new Replacement(dataDir, this.database);
  }

  /** Whether a restore into this folder was begun and did not come to its end. */
  public static boolean isHalfRestored(Path dataDir) {
    return Replacement.isHalfDone(dataDir);
  }

  /**
   * Deletes what a restore left behind that was interrupted before it changed anything.
   *
   * @return whether there was something
   */
  public static boolean deleteLeftovers(Path dataDir) throws IOException {
    return Replacement.deleteLeftovers(dataDir);
  }

  /**
   * Writes a backup, through the server where one runs.
   *
   * @param target a file that is not there yet
   */
  public void backup(Path target) throws IOException {
    refuseUnwritable(target);
    if (!Files.exists(database.file())) {
      throw new IOException("there is no database at " + database.file());
    }
    if (isHalfRestored(dataDir)) {
      throw new IOException("a restore into " + dataDir + " did not come to its end: do it again");
    }
    Path part = target.resolveSibling(target.getFileName() + PART);
    Files.deleteIfExists(part);
    // With the lock held no server can start meanwhile.
    try (DatabaseLock.Held held = database.take()) {
      if (held == null) {
        Path made = BackupRequests.ask(dataDir, database::isTaken);
        try {
          PrivateFiles.write(target, part, out -> Files.copy(made, out));
        } finally {
          Files.delete(made);
        }
      } else {
        PrivateFiles.write(target, part, out -> BackupArchive.write(out, dataDir, held::copyTo));
      }
    }
  }

  /**
   * Puts back what a backup holds, while no server runs.
   *
   * @return where that is now which was there before; empty where there was nothing
   */
  public Optional<Path> restore(Path archive) throws IOException {
    refuseRunning();
    return replacement.replace(
        BackupArchive.BESIDE_DATABASE,
        stage -> {
          BackupArchive.extract(archive, stage);
          refuseForeign(stage);
        });
  }

  /**
   * Writes the database as an SQL script, compressed where the name ends with {@code .gz}.
   *
   * @param target a file that is not there yet
   */
  public void exportScript(Path target) throws IOException {
    refuseUnwritable(target);
    Path scratch = target.resolveSibling(target.getFileName() + PART);
    PrivateFiles.deleteAll(scratch);
    try {
      PrivateFiles.folder(scratch);
      Path archive = scratch.resolve("backup.zip");
      backup(archive);
      BackupArchive.extract(archive, scratch);
      Path script = scratch.resolve("script");
      String sql = "SCRIPT NOPASSWORDS NOSETTINGS TO ?" + (isGzip(target) ? GZIP : "");
      run(scratch, sql + " CHARSET 'UTF-8'", script);
      PrivateFiles.write(target, scratch.resolve("whole"), out -> Files.copy(script, out));
    } finally {
      PrivateFiles.deleteAll(scratch);
    }
  }

  /**
   * Makes the database of a script that was exported, while no server runs.
   *
   * @return where the database is now that was there before; empty where there was none
   */
  public Optional<Path> importScript(Path script) throws IOException {
    refuseRunning();
    if (!Files.isReadable(script)) {
      throw new NoSuchFileException(script.toString());
    }
    String sql = "RUNSCRIPT FROM ?" + (isGzip(script) ? GZIP : "") + " CHARSET 'UTF-8'";
    return replacement.replace(
        List.of(),
        stage -> {
          importInto(stage, sql, script.toAbsolutePath());
          refuseForeign(stage);
        });
  }

  private void refuseRunning() throws IOException {
    if (database.isTaken()) {
      throw new DatabaseLock.InUseException(database.file());
    }
  }

  private static void refuseUnwritable(Path target) throws IOException {
    if (Files.exists(target)) {
      throw new FileAlreadyExistsException(target.toString(), null, "is there already");
    }
    Path folder = target.toAbsolutePath().getParent();
    if (!Files.isDirectory(folder)) {
      throw new NoSuchFileException(folder.toString());
    }
  }

  /** What H2 says of a script has in it what the script says. */
  private static void importInto(Path stage, String sql, Path script) throws IOException {
    try {
      run(stage, sql, script);
    } catch (IOException e) {
      throw foreign(e);
    }
  }

  private static void refuseForeign(Path stage) throws IOException {
    try (Connection connection = DriverManager.getConnection(url(stage, true), "sa", "")) {
      if (!Schema.isWhole(connection)) {
        throw foreign(null);
      }
    } catch (SQLException e) {
      throw foreign(e);
    }
  }

  private static IOException foreign(Exception cause) {
    return new IOException("what it holds is no database of Coterie, or damaged", cause);
  }

  private static boolean isGzip(Path file) {
    return file.getFileName().toString().endsWith(".gz");
  }

  private static String url(Path folder, boolean readOnly) {
    String name = BackupArchive.DATABASE.replace(".mv.db", "");
    return "jdbc:h2:"
        + folder.resolve(name).toAbsolutePath()
        + ";DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0"
        + (readOnly ? ";ACCESS_MODE_DATA=r" : "");
  }

  /** Runs a statement on the database in that folder, which is made where it is missing. */
  private static void run(Path folder, String sql, Path parameter) throws IOException {
    try (Connection connection = DriverManager.getConnection(url(folder, false), "sa", "");
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, parameter.toString());
      statement.execute();
    } catch (SQLException e) {
      String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new IOException(why, e);
    }
  }
}
