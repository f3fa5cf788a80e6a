package io.coterie.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.Await;
import io.coterie.model.Gate;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.MVStore;
import org.h2.store.fs.FilePath;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {

  interface NumberDao {
    @SqlQuery("SELECT 1")
    int one();
  }

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void transaction_thatH2IsAboutToWriteByItself_returnsOnlyOnceItIsWritten(boolean sync)
      throws Exception {
    FilePath.register(new GatedFilePath());
    String url = "jdbc:h2:gated:" + folder.resolve("data");
    try (Database database = Database.open(url, sync)) {
      database.awaitOpen(NumberDao.class);
      Gate gate = new Gate();
      try (Connection connection = DriverManager.getConnection(url, "sa", "")) {
        connection.createStatement().execute("CREATE TABLE numbers (n INTEGER)");
        database.inTransaction(tx -> tx.use(NumberDao.class).one());
        GatedFilePath.holdBack(gate);
        connection.createStatement().execute("INSERT INTO numbers VALUES (1)");
        // What H2's own thread does from time to time: it writes later, on yet another thread.
        store(connection).tryCommit();

        Thread transaction =
            new Thread(() -> database.inTransaction(tx -> tx.use(NumberDao.class).one()));
        transaction.start();
        Await.until(
            () ->
                transaction.getState() == Thread.State.WAITING
                    || transaction.getState() == Thread.State.TERMINATED,
            () -> "a transaction that waits");
        assertThat(transaction.getState()).isEqualTo(Thread.State.WAITING);
        gate.open();
        transaction.join(20_000);
        assertThat(transaction.isAlive()).isFalse();
      } finally {
        gate.open();
      }
    }
  }

  private static MVStore store(Connection connection) throws Exception {
    SessionLocal session = (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
    return session.getDatabase().getStore().getMvStore();
  }
}
