package io.coterie.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
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
        try (Database database = Database.open(url(file), false)) {
          database.awaitOpen(Ledger.Dao.class);
        }
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

    CrashRecovery.run(file, "");

    assertThat(Files.readAllBytes(file)).isEqualTo(text);
  }
}
