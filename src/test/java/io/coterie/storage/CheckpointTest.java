package io.coterie.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.Await;
import io.coterie.model.Gate;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.h2.store.fs.FilePath;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When the database file is written. */
class CheckpointTest {

  interface NumberDao {
    @SqlUpdate("CREATE TABLE numbers (n INTEGER)")
    void create();

    @SqlUpdate("INSERT INTO numbers VALUES (:n)")
    void insert(int n);

    @SqlQuery("SELECT n FROM numbers")
    List<Integer> all();
  }

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void transaction_returnsOnlyOnceItIsWritten(boolean sync) {
    withDatabase(
        sync,
        (database, dao) -> {
          Gate disk = new Gate();
          GatedFilePath.holdBack(disk);
          Thread writer = start(() -> insert(database, 1));
          try {
            awaitWaiting(writer);
            assertThat(dao.all()).containsExactly(1);
          } finally {
            disk.open();
          }
          join(writer);
        });
  }

  @Test
  void checkpoint_waitsForTransactionsThatAreUnderWay() {
    withDatabase(
        false,
        (database, dao) -> {
          Gate end = new Gate();
          Gate half = new Gate();
          Thread slow =
              start(
                  () ->
                      database.inTransaction(
                          tx -> {
                            tx.use(NumberDao.class).insert(1);
                            half.open();
                            end.await();
                            return true;
                          }));
          half.await();
          Thread quick = start(() -> insert(database, 2));
          try {
            Await.until(() -> dao.all().contains(2), () -> "the second to be committed");
            awaitWaiting(quick);
          } finally {
            end.open();
          }
          join(slow);
          join(quick);
        });
  }

  private void withDatabase(boolean sync, BiConsumer<Database, NumberDao> test) {
    FilePath.register(new GatedFilePath());
    try (Database database = Database.open("jdbc:h2:gated:" + folder.resolve("data"), sync)) {
      database.awaitOpen(NumberDao.class);
      database.inTransaction(
          tx -> {
            tx.use(NumberDao.class).create();
            return true;
          });
      test.accept(database, database.reader(NumberDao.class));
    }
  }

  private static boolean insert(Database database, int n) {
    return database.inTransaction(
        tx -> {
          tx.use(NumberDao.class).insert(n);
          return true;
        });
  }

  private static Thread start(Runnable work) {
    Thread thread = new Thread(work);
    thread.start();
    return thread;
  }

  private static void awaitWaiting(Thread thread) {
    Set<Thread.State> waiting = Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);
    Await.until(() -> waiting.contains(thread.getState()), () -> thread + " to wait");
  }

  private static void join(Thread thread) {
    Await.until(() -> !thread.isAlive(), () -> thread + " to end");
  }
}
