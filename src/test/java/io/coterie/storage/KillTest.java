package io.coterie.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A transaction that has returned survives the death of the process, while the space of old rows is
 * used again. With {@code -Dkill.rounds=40} more often.
 */
class KillTest {

  private static final int ROUNDS = Integer.getInteger("kill.rounds", 3);

  private static final List<Long> NOTHING = Collections.nCopies(KilledWriter.WRITERS, 0L);

  @TempDir Path folder;

  @Test
  void kill_underLoad_losesNothingThatWasTold() throws Exception {
    Random random = new Random();
    String url = "jdbc:h2:" + folder.resolve("db");
    List<Long> told = new ArrayList<>(NOTHING);
    for (int round = 0; round < ROUNDS; round++) {
      long before = sum(told);
      told = writeUntilKilled(url, told, 200 + random.nextInt(2_000));
      assertThat(sum(told)).isGreaterThan(before);
      List<Long> found = new ArrayList<>();
      assertThat(Ledger.mistakes(url, told, found)).as("round %d, told %s", round, told).isEmpty();
      told = found;
    }
    long size = Files.size(folder.resolve("db.mv.db"));
    System.out.printf("%d rounds, %d rows, %d KB%n", ROUNDS, sum(told), size >> 10);
  }

  /** The file's header, and what H2 takes for free, are then of the process before. */
  @Test
  void kill_soonAfterAKill_losesNothingThatWasTold() throws Exception {
    Random random = new Random();
    String url = "jdbc:h2:" + folder.resolve("db");
    List<Long> told = writeUntilKilled(url, NOTHING, 300);
    for (int round = 0; round < 2 * ROUNDS; round++) {
      told = writeUntilKilled(url, found(told), 1 + random.nextInt(30));
      found(told);
    }
  }

  @Test
  void end_inOrderSoonAfterAKill_leavesAFileThatCanBeRead() throws Exception {
    Random random = new Random();
    String url = "jdbc:h2:" + folder.resolve("db");
    List<Long> told = NOTHING;
    for (int round = 0; round < 2 * ROUNDS; round++) {
      told = writeUntilKilled(url, found(told), 20 + random.nextInt(400));
      for (int start = 0; start < 3; start++) {
        List<Long> found = found(told);
        try (Database database = Database.open(url, false)) {
          Ledger ledger = new Ledger(database, KilledWriter.WRITERS);
          for (int writer = 0; writer < KilledWriter.WRITERS; writer++) {
            ledger.goOn(writer, found.get(writer));
          }
          for (int rows = random.nextInt(20); rows > 0; rows--) {
            ledger.add(random.nextInt(KilledWriter.WRITERS));
          }
          told = ledger.told();
        }
      }
    }
    found(told);
  }

  /** What a copy of the file has, so that the file itself stays as it is. */
  private List<Long> found(List<Long> told) throws IOException {
    Path file = folder.resolve("db.mv.db");
    if (!Files.exists(file)) {
      return told;
    }
    Path copy = folder.resolve("copy.mv.db");
    Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
    List<Long> found = new ArrayList<>();
    assertThat(Ledger.mistakes("jdbc:h2:" + folder.resolve("copy"), told, found))
        .as("told %s", told)
        .isEmpty();
    return found;
  }

  /** Kills the process after that many rows; answers for each writer the last row it told. */
  private List<Long> writeUntilKilled(String url, List<Long> told, int rows) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Dcoterie.log.level=warn",
                "-cp",
                System.getProperty("java.class.path"),
                KilledWriter.class.getName(),
                url));
    told.forEach(number -> command.add(number.toString()));
    Process process =
        new ProcessBuilder(command).redirectError(folder.resolve("errors.txt").toFile()).start();
    List<Long> now = new ArrayList<>(told);
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      String line;
      int read = 0;
      // What it had told before it was killed is read to the end; a last line may be cut short.
      while ((line = lines.readLine()) != null) {
        take(line, now);
        if (++read == rows) {
          process.toHandle().destroyForcibly();
        }
      }
    } finally {
      process.destroyForcibly();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(process.exitValue()).as(errors()).isEqualTo(128 + 9);
    return now;
  }

  private static void take(String line, List<Long> told) {
    String[] words = line.split(" ");
    if (words.length == 2 && !words[1].isEmpty()) {
      told.set(Integer.parseInt(words[0]), Long.parseLong(words[1]));
    }
  }

  private String errors() throws IOException {
    return Files.readString(folder.resolve("errors.txt"));
  }

  private static long sum(List<Long> numbers) {
    return numbers.stream().mapToLong(Long::longValue).sum();
  }
}
