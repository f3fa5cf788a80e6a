package io.coterie.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AllAtOnce;
import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The database's file is written between transactions alone, however much they change together. */
class WriteTimesTest {

  interface TextDao {
    @SqlUpdate("CREATE TABLE texts (id INTEGER PRIMARY KEY, text VARCHAR(1000000))")
    void create();

    @SqlUpdate("INSERT INTO texts VALUES (:id, :text)")
    void insert(int id, String text);

    @SqlUpdate("UPDATE texts SET text = NULL WHERE id = :id")
    void clear(int id);
  }

  private static final int AT_ONCE = 8;
  private static final String LONG = "x".repeat(1_000_000);

  @TempDir Path folder;

  private final CyclicBarrier together = new CyclicBarrier(AT_ONCE);
  private final AtomicInteger ids = new AtomicInteger();

  @Test
  void file_whileManyLargeTransactionsAreUnderWay_isNotWritten() throws Exception {
    WatchedFilePath.register();
    try (Database database = Database.open("jdbc:h2:watched:" + folder.resolve("db"), false)) {
      database.awaitOpen(TextDao.class);
      database.inTransaction(
          tx -> {
            tx.use(TextDao.class).create();
            return true;
          });
      WatchedFilePath.watch(database);
      Callable<Boolean> change = () -> database.inTransaction(this::change);
      try {
        AllAtOnce.call(Collections.nCopies(AT_ONCE, change));
      } finally {
        WatchedFilePath.watch(null);
      }
    }
    assertThat(WatchedFilePath.writes()).isPositive();
    assertThat(WatchedFilePath.mistimed()).isEmpty();
  }

  /** None ends before all have changed something. */
  private boolean change(Tx tx) {
    TextDao dao = tx.use(TextDao.class);
    for (int i = 0; i < 2; i++) {
      int id = ids.incrementAndGet();
      dao.insert(id, LONG);
      dao.clear(id);
    }
    try {
      together.await(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    dao.insert(ids.incrementAndGet(), LONG);
    return true;
  }
}
