package io.coterie.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as processes that were killed have left them; {@link KillTest} kills some. */
class CrashRecoveryTest {

  private static final int ROWS = 60;

  @TempDir Path folder;

  /** What a kill at this moment would leave. */
  private Path killed(int rows) throws IOException {
    String url = "jdbc:h2:" + folder.resolve("db");
    Path file = folder.resolve("db.mv.db");
    try (Database database = Database.open(url, false)) {
      Ledger ledger = new Ledger(database, 1);
      for (int row = 0; row < rows; row++) {
        ledger.add(0);
      }
      return Files.copy(file, folder.resolve("killed.mv.db"), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private String url(Path file) {
    return "jdbc:h2:" + file.toString().replace(".mv.db", "");
  }

  /** As the server ended before it knew better: in order, soon after such a start. */
  private void endAsBefore(Path file) throws SQLException {
    try (Connection connection =
        DriverManager.getConnection(
            url(file) + ";DB_CLOSE_ON_EXIT=FALSE;MAX_COMPACT_TIME=0", "sa", "")) {
      StoreFile.of(connection);
      connection.createStatement().execute("SHUTDOWN");
    } catch (SQLException e) {
      // H2 obeys, and then answers that the database is closed.
      assertThat(e.getErrorCode()).isEqualTo(90121);
    }
  }

  /** Which damage is done depends on what was where in the file. */
  @Test
  void open_filesThatH2Refuses_mendsThem() throws Exception {
    int refused = 0;
    for (int rows = 20; rows < 80; rows += 2) {
      Path file = killed(rows);
      endAsBefore(file);
      if (Ledger.mistakes(url(file), List.of(0L)).toString().contains("File corrupted")) {
        refused++;
        byte[] before = Files.readAllBytes(file);
        try (Database database = Database.open(url(file), false)) {
          database.awaitOpen(Ledger.Dao.class);
        }
        assertThat(Files.readAllBytes(kept(1))).isEqualTo(before);
        Files.delete(kept(1));
        assertThat(Ledger.mistakes(url(file), List.of((long) rows))).as("%d", rows).isEmpty();
      }
      Files.delete(folder.resolve("db.mv.db"));
    }
    assertThat(refused).isPositive();
  }

  @Test
  void run_fileOfAKilledProcess_isThenOneThatWasClosed() throws Exception {
    Path file = killed(ROWS);

    CrashRecovery.run(file, "");

    byte[] once = Files.readAllBytes(file);
    CrashRecovery.run(file, "");
    assertThat(Files.readAllBytes(file)).isEqualTo(once);
    endAsBefore(file);
    assertThat(Ledger.mistakes(url(file), List.of((long) ROWS))).isEmpty();
  }

  @Test
  void run_whatIsNoDatabase_isLeftAsItIs() throws Exception {
    byte[] text = new byte[20_000];
    Arrays.fill(text, (byte) 'x');
    Path file = Files.write(folder.resolve("x.mv.db"), text);

    assertThatThrownBy(() -> CrashRecovery.run(file, ""))
        .isInstanceOf(Database.UnusableException.class)
        .hasMessageContaining("damaged")
        .hasMessageNotContaining("\n");

    assertThat(Files.readAllBytes(file)).isEqualTo(text);
    assertThat(folder.toFile().list()).containsExactly("x.mv.db");
  }

  private Path kept(int number) {
    return folder.resolve("killed.mv.db.damaged" + (number == 1 ? "" : "-" + number));
  }

  /** Each time, H2 alone would go back to what it can read, without a word. */
  @Test
  void run_newestWriteOfAFileThatWasClosedIsDamaged_saysSoAndKeepsItAsItWas() throws Exception {
    for (int number = 1; number <= 5; number++) {
      Path file = closed();
      byte[] damaged = withoutItsNewestWrite(Files.readAllBytes(file));
      Files.write(file, damaged);

      assertThat(CrashRecovery.run(file, "")).isTrue();

      assertThat(Files.readAllBytes(kept(number))).isEqualTo(damaged);
      assertThat(CrashRecovery.run(file, "")).isFalse();
      assertThat(Ledger.mistakes(url(file), List.of(1L))).isEmpty();
    }
    Path file = closed();
    byte[] damaged = withoutItsNewestWrite(Files.readAllBytes(file));
    Files.write(file, damaged);
    assertThatThrownBy(() -> CrashRecovery.run(file, ""))
        .isInstanceOf(Database.UnusableException.class)
        .hasMessageContaining("5 damaged ones");
    assertThat(Files.readAllBytes(file)).isEqualTo(damaged);
  }

  private Path closed() throws IOException {
    Path file = killed(ROWS);
    CrashRecovery.run(file, "");
    Files.delete(folder.resolve("db.mv.db"));
    return file;
  }

  /** What the header says was written last is a block of zeroes. */
  private static byte[] withoutItsNewestWrite(byte[] file) {
    String header = new String(file, 0, 4096, StandardCharsets.ISO_8859_1);
    Matcher block = Pattern.compile("block:([0-9a-f]+)").matcher(header);
    assertThat(block.find()).isTrue();
    int at = Integer.parseInt(block.group(1), 16) * 4096;
    Arrays.fill(file, at, at + 4096, (byte) 0);
    return file;
  }

  /** Zeroes in any one block: nothing is short without a word. */
  @Test
  void open_oneBlockIsZeroes_isWholeOrSaidToBeDamaged() throws Exception {
    Path file = closed();
    byte[] whole = Files.readAllBytes(file);
    int told = 0;
    for (int block = 0; block < whole.length / 4096; block++) {
      byte[] image = whole.clone();
      Arrays.fill(image, block * 4096, (block + 1) * 4096, (byte) 0);
      Files.write(file, image);
      Files.deleteIfExists(kept(1));
      boolean damaged;
      try {
        damaged = CrashRecovery.run(file, "");
      } catch (Database.UnusableException e) {
        assertThat(Files.readAllBytes(file)).isEqualTo(image);
        damaged = true;
      }
      if (damaged) {
        told++;
      } else {
        List<String> mistakes = Ledger.mistakes(url(file), List.of((long) ROWS));
        // What H2 cannot read it says by itself; rows that are short it would not.
        assertThat(mistakes).as("block %d", block).noneMatch(m -> m.contains("told of"));
      }
    }
    assertThat(told).isPositive();
  }
}
