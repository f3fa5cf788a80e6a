package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk without room for a backup; skipped where nobody may mount one. */
class FullDiskIT {

  private static final List<String> WITH_FULL_DISK =
      List.of(
          "unshare",
          "-m",
          "sh",
          "-c",
          "mkdir -p data/backups && mount -t tmpfs -o size=4k none data/backups && exec \"$@\"",
          "sh");

  @TempDir Path folder;

  @Test
  void backup_diskIsFull_is507AndTheServerGoesOn() {
    assumeTrue(
        Shell.has("unshare", "-m", "mount", "-t", "tmpfs", "none", folder.toString()),
        "disks can be mounted");
    try (ServerProcess server =
        ServerProcess.run(WITH_FULL_DISK, folder, Map.of(), "--server.port=0")) {
      String token = server.login("ada@example.com");
      for (int i = 0; i < 2; i++) {
        AppFixture.Answer answer = server.answer(token, "POST", "/admin/backup", "");
        assertThat(answer.status()).as(server.output()).isEqualTo(507);
        assertThat(answer.msg()).isEqualTo("Not enough room on the disk for a backup");
      }
      try (ServerProcess backup = ServerProcess.run(folder, Map.of(), "backup", "b.zip")) {
        assertThat(backup.awaitExit()).isEqualTo(1);
        assertThat(backup.output())
            .isEqualTo("Cannot backup: there is not enough room on the disk");
      }
      assertThat(folder.resolve("b.zip")).doesNotExist();
      assertThat(server.chat(token)).isNotEmpty();
    }
  }
}
