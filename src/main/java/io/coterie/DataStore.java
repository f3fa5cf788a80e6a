package io.coterie;

import io.coterie.config.Config;
import io.coterie.storage.BackupRequests;
import io.coterie.storage.Backups;
import io.coterie.storage.DataFiles;
import io.coterie.storage.Database;
import io.coterie.storage.StorageAlarm;
import io.coterie.storage.UnwritableException;
import io.coterie.timing.Rounds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The data folder with the database in it, and how it is backed up. Thread-safe. */
final class DataStore {

  private static final Logger log = LoggerFactory.getLogger(DataStore.class);

  private static final Duration TIDY_PAUSE = Duration.ofMillis(100);

  private final Path folder;
  private final Optional<Path> file;
  private final StorageAlarm alarm = new StorageAlarm();
  private final StorageAlarm backupAlarm = new StorageAlarm();
  private final Backups backups;
  private final Database database;
  private BackupRequests requests;

  private DataStore(Config config, Clock clock) {
    folder = config.dataDir();
    file = Database.fileOf(config.database().url());
    backups = new Backups(folder, clock);
    database =
        Database.open(
            config.database().url(),
            config.database().sync(),
            config.database().minFreeSpace(),
            alarm,
            this::beforeUpgrade);
  }

  /**
   * Makes the folder where it is missing, and begins to open the database.
   *
   * @throws StartException where the folder cannot be used
   */
  static DataStore open(Config config, Clock clock) {
    DataFolder.make(config.dataDir());
    refuseHalfRestored(config.dataDir());
    return new DataStore(config, clock);
  }

  Database database() {
    return database;
  }

  /** How many bytes the database's file has; 0 where it is kept in none. */
  long fileSize() {
    return file.map(path -> path.toFile().length()).orElse(0L);
  }

  /**
   * Writes a backup.
   *
   * @throws UnsupportedOperationException where the database is not kept in a plain file
   */
  Backups.Backup backUp() throws IOException {
    if (file.isEmpty()) {
      throw new UnsupportedOperationException("The database is not kept in a plain file");
    }
    try {
      return backups.write("coterie", database::copyTo);
    } catch (UnwritableException e) {
      backupAlarm.raise("A backup could not be written: " + e.getMessage());
      throw e;
    }
  }

  /** Keeps the file small from now on, and does what commands ask for. */
  void attend(Background background) {
    Rounds tidying = new Rounds(background.upkeep(), TIDY_PAUSE, database::tidy);
    database.whenWritten(tidying::begin);
    requests = new BackupRequests(folder, this::backUp, background.runs());
    requests.serve();
  }

  /** Closes the database; waits at most so long for what still uses it. */
  void close(Duration patience) {
    if (requests != null) {
      requests.close();
    }
    database.close(patience);
  }

  private void beforeUpgrade(String version, Backups.Content copy) throws IOException {
    if (file.isPresent()) {
      Backups.Backup backup = backups.write("before-v" + version, copy);
      log.info("The database is upgraded; {} is a backup of what it was", backup.name());
    } else {
      log.warn("The database is upgraded without a backup: it is not kept in a plain file");
    }
  }

  private static void refuseHalfRestored(Path folder) {
    if (DataFiles.isHalfRestored(folder)) {
      throw new StartException(
          "A restore into " + folder + " did not come to its end: do it again", null);
    }
    try {
      if (DataFiles.deleteLeftovers(folder)) {
        log.info("Deleted what a restore left that was interrupted before it changed anything");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
