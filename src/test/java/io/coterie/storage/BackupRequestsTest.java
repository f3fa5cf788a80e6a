package io.coterie.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who asks a server for a backup is answered, whatever becomes of it. */
class BackupRequestsTest {

  @TempDir Path dir;

  @Test
  void look_backupWritten_namesIt() throws IOException {
    assertThat(answer(() -> new Backups.Backup("backups/x.zip", 7)))
        .isEqualTo("done\nbackups/x.zip");
  }

  @Test
  void look_backupFails_saysWhy() throws IOException {
    BackupRequests.Writer failing =
        () -> {
          throw new IOException("no room");
        };

    assertThat(answer(failing)).isEqualTo("failed\nno room");
  }

  @Test
  void look_jarWasReplaced_saysSo() throws IOException {
    BackupRequests.Writer broken =
        () -> {
          throw new NoClassDefFoundError("io/coterie/storage/BackupArchive");
        };

    assertThat(answer(broken))
        .isEqualTo("failed\nthe server's jar was replaced while it ran: start it anew");
  }

  private String answer(BackupRequests.Writer writer) throws IOException {
    Files.createFile(dir.resolve("backup-1.request"));
    new BackupRequests(dir, writer, Runnable::run).look();
    assertThat(dir.resolve("backup-1.request")).doesNotExist();
    return Files.readString(dir.resolve("backup-1.answer"));
  }
}
