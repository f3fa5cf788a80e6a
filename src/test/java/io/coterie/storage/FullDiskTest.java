package io.coterie.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coterie.Await;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A database whose file cannot be written for a while. */
class FullDiskTest {

  interface NumberDao {
    @SqlUpdate("CREATE TABLE numbers (n INTEGER PRIMARY KEY, text VARCHAR)")
    void create();

    @SqlUpdate("INSERT INTO numbers VALUES (:n, REPEAT('x', 500))")
    void insert(int n);

    @SqlQuery("SELECT n FROM numbers ORDER BY n")
    List<Integer> all();
  }

  private static final int WRITERS = 4;

  @TempDir Path folder;

  private final StorageAlarm alarm = new StorageAlarm();
  private Database database;
  private NumberDao reader;

  @BeforeEach
  void install() {
    FailingFilePath.install();
  }

  @AfterEach
  void close() {
    FailingFilePath.free();
    if (database != null) {
      database.close();
    }
    FailingFilePath.remove();
  }

  private String url() {
    return "jdbc:h2:" + folder.resolve("db");
  }

  private void open(boolean sync) {
    database = Database.open(url(), sync, 0, alarm, (version, copy) -> {});
    database.awaitOpen(NumberDao.class);
    reader = database.reader(NumberDao.class);
  }

  private void openWithTable(boolean sync) {
    open(sync);
    database.inTransaction(
        tx -> {
          tx.use(NumberDao.class).create();
          return true;
        });
  }

  private void insert(int n) {
    database.inTransaction(
        tx -> {
          tx.use(NumberDao.class).insert(n);
          return true;
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void write_fails_isRefusedAndReadingGoesOnUntilThereIsRoom(boolean sync) {
    openWithTable(sync);
    insert(1);
    FailingFilePath.fill(0);

    for (int n = 2; n < 5; n++) {
      int number = n;
      assertThatThrownBy(() -> insert(number)).isInstanceOf(CannotStoreException.class);
      assertThat(reader.all()).containsExactly(1);
      assertThat(database.canStore()).isFalse();
    }

    FailingFilePath.free();
    Await.until(database::canStore, () -> "storing again");
    insert(5);
    assertThat(reader.all()).containsExactly(1, 5);
    database.close();
    open(sync);
    assertThat(reader.all()).containsExactly(1, 5);
  }

  /** Wherever in the course of writes the disk becomes full. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void write_failsInTheMiddle_whatWasToldIsWhatIsThere(boolean sync) throws Exception {
    openWithTable(sync);
    Set<Integer> stored = new ConcurrentSkipListSet<>();
    int next = 0;
    for (int round = 0; round < 12; round++) {
      FailingFilePath.fill(round * 3);
      next = writeUntilRefused(stored, next);
      assertThat(new ArrayList<>(reader.all())).isEqualTo(new ArrayList<>(stored));
      FailingFilePath.free();
      Await.until(database::canStore, () -> "storing again");
      database.tidy();
    }
    database.close();
    open(sync);
    assertThat(reader.all()).isEqualTo(new ArrayList<>(stored));
  }

  private int writeUntilRefused(Set<Integer> stored, int from) throws InterruptedException {
    List<Thread> writers = new ArrayList<>();
    for (int writer = 0; writer < WRITERS; writer++) {
      int first = from + writer;
      Thread thread =
          new Thread(
              () -> {
                try {
                  for (int n = first; ; n += WRITERS) {
                    insert(n);
                    stored.add(n);
                  }
                } catch (CannotStoreException e) {
                  // The end.
                }
              });
      thread.start();
      writers.add(thread);
    }
    for (Thread thread : writers) {
      thread.join();
    }
    return 1_000 * WRITERS + from - from % WRITERS;
  }

  /** Reading must not notice. */
  @Test
  void read_whileTheFileIsOpenedAnew_neverFails() throws Exception {
    openWithTable(false);
    insert(1);
    AtomicBoolean over = new AtomicBoolean();
    List<Throwable> failures = new ArrayList<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                while (!over.get()) {
                  assertThat(reader.all()).contains(1);
                }
              } catch (Throwable e) {
                failures.add(e);
              }
            });
    thread.start();
    for (int round = 0; round < 3; round++) {
      int n = 2 + round;
      FailingFilePath.fill(0);
      assertThatThrownBy(() -> insert(n)).isInstanceOf(CannotStoreException.class);
      FailingFilePath.free();
      Await.until(database::canStore, () -> "storing again");
    }
    over.set(true);
    thread.join();
    assertThat(failures).isEmpty();
  }

  @Test
  void tidy_fails_isHealedWithoutAWrite() {
    openWithTable(false);
    for (int n = 0; n < 50; n++) {
      insert(n);
    }
    FailingFilePath.fill(0);
    Await.until(
        () -> {
          database.tidy();
          return FailingFilePath.failed() > 0;
        },
        () -> "a failure");
    assertThat(reader.all()).hasSize(50);
    FailingFilePath.free();
    Await.until(database::canStore, () -> "storing again");
    insert(50);
    assertThat(reader.all()).hasSize(51);
  }

  @Test
  void firstStart_fails_saysSoAndLeavesNothing() {
    FailingFilePath.fill(2);
    assertThatThrownBy(() -> open(false))
        .isInstanceOf(Database.UnusableException.class)
        .hasMessageNotContaining("\n");
    database.close();
    assertThat(folder).isEmptyDirectory();
    FailingFilePath.free();
    openWithTable(false);
    insert(1);
    assertThat(reader.all()).containsExactly(1);
  }

  @Test
  void open_tooLittleFree_isRefusedBeforeAnythingIsWritten() {
    assertThatThrownBy(
            () -> Database.open(url(), false, Long.MAX_VALUE, alarm, (version, copy) -> {}))
        .isInstanceOf(Database.UnusableException.class)
        .hasMessageContaining("are free on its disk");
    assertThat(folder).isEmptyDirectory();
  }

  /**
   * So much at once is written in a large piece: what came of it must not keep the file from being
   * read.
   */
  @Test
  void write_ofALargeTransactionFails_leavesNothingOfIt() {
    openWithTable(false);
    insert(1);
    FailingFilePath.fill(0);
    assertThatThrownBy(
            () ->
                database.inTransaction(
                    tx -> {
                      for (int n = 2; n < 200_000; n++) {
                        tx.use(NumberDao.class).insert(n);
                      }
                      return true;
                    }))
        .isInstanceOf(CannotStoreException.class);
    assertThat(reader.all()).containsExactly(1);
    FailingFilePath.free();
    Await.until(database::canStore, () -> "storing again");
    insert(2);
    assertThat(reader.all()).containsExactly(1, 2);
  }
}
