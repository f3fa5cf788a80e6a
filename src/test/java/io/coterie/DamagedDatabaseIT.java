package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts on a database file that a disk or a power loss has damaged. */
class DamagedDatabaseIT {

  private static final int BLOCK = 4096;

  @TempDir Path folder;

  @Test
  void start_newestWriteIsGone_mendsKeepsAndSaysSo() throws Exception {
    String token = served();
    byte[] damaged = Files.readAllBytes(file());
    int at = newestWrite(damaged);
    Arrays.fill(damaged, at, at + BLOCK, (byte) 0);
    Files.write(file(), damaged);

    try (ServerProcess server = ServerProcess.serve(folder)) {
      List<String> warnings =
          server.output().lines().filter(line -> line.contains(" WARN ")).toList();
      assertThat(warnings).as(server.output()).hasSize(2);
      assertThat(warnings.get(0)).contains("damaged", "coterie.mv.db.damaged", "restore a backup");
      assertThat(warnings.get(1)).contains("looked through");
      assertThat(server.answer(token, "GET", "/user", "").status()).isEqualTo(200);
      assertThat(Files.readAllBytes(kept())).isEqualTo(damaged);
      server.terminate();
      server.awaitExit();
    }
    try (ServerProcess server = ServerProcess.serve(folder)) {
      assertThat(server.output()).doesNotContain("WARN");
      assertThat(Files.readAllBytes(kept())).isEqualTo(damaged);
    }
  }

  @Test
  void start_fileCannotBeMended_isOneLineAndLeavesIt() throws Exception {
    served();
    byte[] damaged = new byte[(int) Files.size(file())];
    Arrays.fill(damaged, (byte) 'x');
    Files.write(file(), damaged);

    try (ServerProcess server = ServerProcess.run(folder, Map.of(), "--server.port=0")) {
      assertThat(server.awaitExit()).isEqualTo(1);
      assertThat(server.output()).contains("damaged and cannot be mended").hasLineCount(1);
    }
    assertThat(Files.readAllBytes(file())).isEqualTo(damaged);
    assertThat(folder.resolve("data").toFile().list())
        .containsExactlyInAnyOrder("coterie.mv.db", "jwt.secret");
  }

  /** Answers the token of a user who is there. */
  private String served() {
    try (ServerProcess server = ServerProcess.serve(folder)) {
      String token = server.login("ada@example.com");
      server.chat(token);
      server.terminate();
      server.awaitExit();
      return token;
    }
  }

  private static int newestWrite(byte[] file) throws IOException {
    String header = new String(file, 0, BLOCK, StandardCharsets.ISO_8859_1);
    Matcher block = Pattern.compile("block:([0-9a-f]+)").matcher(header);
    assertThat(block.find()).isTrue();
    return Integer.parseInt(block.group(1), 16) * BLOCK;
  }

  private Path file() {
    return folder.resolve("data/coterie.mv.db");
  }

  private Path kept() {
    return folder.resolve("data/coterie.mv.db.damaged");
  }
}
