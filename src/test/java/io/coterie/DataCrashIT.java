package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Backups, restores, exports and imports that are killed in the middle, and the servers that make
 * them. {@code -Dcrash.rounds=N} is how often, {@code -Dcrash.seed=N} repeats a run's random
 * choices.
 */
class DataCrashIT {

  private static final int ROUNDS = Integer.getInteger("crash.rounds", 3);
  private static final int USERS = 5_000;
  private static final int LARGE = 40_000_000;

  @TempDir Path folder;

  private final long seed = Long.getLong("crash.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private Path data;
  private String token;
  private Map<String, Set<String>> rows;

  @BeforeEach
  void makeMuch() throws Exception {
    data = folder.resolve("data");
    try (ServerProcess server = ServerProcess.serve(folder)) {
      token = server.login("ada@example.com");
      server.chat(token);
      server.terminate();
      server.awaitExit();
    }
    try (var connection = Tables.open(data);
        var sql = connection.createStatement()) {
      sql.execute(
          """
          INSERT INTO users (user_id, email, email_key, password_hash, role, disabled,
            token_version, created_at)
          SELECT RANDOM_UUID(), 'u' || X, 'u' || X, REPEAT('x', 60), 'user', FALSE, 1, NOW()
          FROM SYSTEM_RANGE(1, %d)"""
              .formatted(USERS));
    }
    byte[] noise = new byte[LARGE];
    random.nextBytes(noise);
    Files.createDirectories(data.resolve("tools"));
    Files.write(data.resolve("tools/noise"), noise);
    rows = Tables.rows(data);
  }

  @Test
  void kill_duringBackup_leavesNoHalfOfOneUnderItsName() throws Exception {
    long usual = millis(() -> command("backup", "usual.zip"));
    for (int round = 0; round < ROUNDS; round++) {
      String file = "round" + round + ".zip";
      killAtRandom(usual, "backup", file);
      boolean whole = Files.exists(folder.resolve(file));
      if (!whole) {
        command("backup", file);
      }
      checkRestored(file, "of-" + file);
      assertThat(folder.resolve(file + ".part")).doesNotExist();
      assertThat(Tables.rows(data)).as(seed()).isEqualTo(rows);
    }
  }

  @Test
  void kill_ofTheServerDuringBackup_theCommandSaysSoAndTheNextOneSucceeds() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      String file = "round" + round + ".zip";
      try (ServerProcess server = ServerProcess.serve(folder);
          ServerProcess backup = ServerProcess.run(folder, Map.of(), "backup", file)) {
        Path backups = data.resolve("backups");
        Await.until(() -> hasPart(backups) || backup.hasEnded(), backup::output);
        pause(random.nextInt(200));
        server.kill();
        int code = backup.awaitExit();
        assertThat(backup.output().lines()).hasSize(1);
        assertThat(code)
            .as(seed() + backup.output())
            .isEqualTo(Files.exists(folder.resolve(file)) ? 0 : 1);
      }
      try (ServerProcess server = ServerProcess.serve(folder)) {
        command("backup", "again-" + file);
        assertThat(hasPart(data.resolve("backups"))).as(seed()).isFalse();
        assertThat(server.answer(token, "GET", "/user", "").status()).isEqualTo(200);
        assertThat(data.toFile().list()).noneMatch(name -> name.startsWith("backup-"));
        server.terminate();
        server.awaitExit();
      }
      checkRestored("again-" + file, "of-" + file);
    }
  }

  @Test
  void kill_duringRestoreOrImport_losesNothingAndDoingItAgainEndsIt() throws Exception {
    command("backup", "b.zip");
    command("export", "e.sql");
    for (String[] way : new String[][] {{"restore", "b.zip"}, {"import", "e.sql"}}) {
      Path warm = Files.createDirectory(folder.resolve("warm-" + way[0]));
      long usual = millis(() -> command(way[0], way[1], "--data.dir=" + warm));
      for (int round = 0; round < ROUNDS; round++) {
        Path target = folder.resolve(way[0] + round);
        otherData(target);
        var old = Tables.rows(target);
        killAtRandom(usual, way[0], way[1], "--data.dir=" + target);
        boolean half = Files.exists(target.resolve("restoring"));
        if (half) {
          try (ServerProcess server =
              ServerProcess.run(folder, Map.of(), "--server.port=0", "--data.dir=" + target)) {
            assertThat(server.awaitExit()).isEqualTo(1);
            assertThat(server.output()).contains("did not come to its end").hasLineCount(1);
          }
        } else if (!hasAside(target)) {
          try (ServerProcess server = ServerProcess.serve(folder, "data.dir=" + target)) {
            assertThat(target.resolve("restoring.part")).doesNotExist();
            server.terminate();
            server.awaitExit();
          }
          assertThat(Tables.rows(target)).as(seed()).isEqualTo(old);
        }
        command(way[0], way[1], "--data.dir=" + target);
        assertThat(Tables.rows(target)).as(seed()).isEqualTo(rows);
        assertThat(target.toFile().list()).doesNotContain("restoring", "restoring.part");
        assertThat(asides(target)).as("%s keeps what was there", seed()).anyMatch(old::equals);
      }
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  private static long millis(Work work) throws Exception {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1_000_000;
  }

  private void command(String... args) {
    try (ServerProcess process = ServerProcess.run(folder, Map.of(), args)) {
      assertThat(process.awaitExit()).as(process.output()).isZero();
    }
  }

  /** Kills it at a moment in the second half of its life, or thereafter. */
  private void killAtRandom(long usualMillis, String... args) {
    try (ServerProcess process = ServerProcess.run(folder, Map.of(), args)) {
      pause(usualMillis / 3 + random.nextInt((int) usualMillis));
      process.kill();
    }
  }

  private void checkRestored(String file, String name) throws Exception {
    command("restore", file, "--data.dir=" + name);
    assertThat(Tables.rows(folder.resolve(name))).as(seed()).isEqualTo(rows);
    assertThat(folder.resolve(name).resolve("tools/noise"))
        .hasSameBinaryContentAs(data.resolve("tools/noise"));
  }

  private void otherData(Path target) {
    try (ServerProcess server = ServerProcess.serve(folder, "data.dir=" + target)) {
      server.login("old@example.com");
      server.terminate();
      server.awaitExit();
    }
  }

  private static Stream<Map<String, Set<String>>> asides(Path target) {
    return Stream.of(target.toFile().listFiles())
        .filter(file -> file.getName().startsWith("before-restore-"))
        .map(
            file -> {
              try {
                boolean has = Files.exists(file.toPath().resolve("coterie.mv.db"));
                return has ? Tables.rows(file.toPath()) : Map.of();
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
  }

  private static boolean hasAside(Path target) {
    return Stream.of(target.toFile().list()).anyMatch(name -> name.startsWith("before-restore-"));
  }

  private static boolean hasPart(Path backups) {
    String[] names = backups.toFile().list();
    return names != null && Stream.of(names).anyMatch(name -> name.endsWith(".part"));
  }

  private void pause(long millis) {
    try {
      var unused = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private String seed() {
    return "-Dcrash.seed=" + seed + " ";
  }
}
