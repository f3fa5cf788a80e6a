package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How large the database file gets while clients send as fast as they can, against what is in it:
 * the size that H2 gives a copy that it packs. With {@code -Dgrowth.messages=100000} the same over
 * a longer time; the figures are printed.
 */
class GrowthTest {

  private static final int MESSAGES = Integer.getInteger("growth.messages", 4_000);
  private static final int CLIENTS = 8;
  private static final String TEXT = "A message of the length that people write, more or less. ";

  private final AtomicInteger sent = new AtomicInteger();
  private final AtomicLong peak = new AtomicLong();
  private final AtomicLong slowest = new AtomicLong();

  @TempDir Path folder;

  @Test
  void file_underLoad_staysWithinAFewTimesWhatIsInIt() throws Exception {
    try (AppFixture app = AppFixture.startOnDisk()) {
      Path file = app.dataDir().resolve("coterie.mv.db");
      long begun = System.nanoTime();
      run(clients(app, file));
      double seconds = (System.nanoTime() - begun) / 1e9;
      long afterLoad = Files.size(file);
      long stopping = System.nanoTime();
      app.stop();
      double stop = (System.nanoTime() - stopping) / 1e9;
      long afterClose = Files.size(file);
      long live = packed(file);
      System.out.printf(
          Locale.ROOT,
          "%d messages, %.0f/s, slowest %d ms, live %d KB; peak %d KB (%.1f), after the load %d KB (%.1f), after %.1f s of stopping %d KB (%.1f)%n",
          MESSAGES,
          MESSAGES / seconds,
          TimeUnit.NANOSECONDS.toMillis(slowest.get()),
          live >> 10,
          peak.get() >> 10,
          (double) peak.get() / live,
          afterLoad >> 10,
          (double) afterLoad / live,
          stop,
          afterClose >> 10,
          (double) afterClose / live);
      // What was just moved together is left alone for some writes, whatever else there is.
      long bound = 7 * live + (16 << 20);
      assertThat(peak.get()).isLessThan(bound);
      assertThat(afterClose).isLessThan(bound);
    }
  }

  private static void run(List<Callable<Void>> clients) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(clients.size());
    try {
      for (Future<Void> client : threads.invokeAll(clients)) {
        client.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private List<Callable<Void>> clients(AppFixture app, Path file) {
    var user = app.login();
    List<Callable<Void>> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      String workspace = app.workspace(user);
      clients.add(() -> send(app, user, workspace, file));
    }
    return clients;
  }

  /** A new chat for every fifty messages. */
  private Void send(AppFixture app, AppFixture.Login user, String workspace, Path file)
      throws IOException {
    String chat = null;
    for (int mine = 0; sent.incrementAndGet() <= MESSAGES; mine++) {
      if (mine % 50 == 0) {
        chat = app.chat(user, workspace);
      }
      var body = AppFixture.object("chat_id", chat, "message", "@echo " + TEXT + mine);
      long begun = System.nanoTime();
      assertThat(app.post(user.token(), "/chat/message?wait=true", body).status()).isEqualTo(200);
      if (sent.get() > MESSAGES / 5) slowest.accumulateAndGet(System.nanoTime() - begun, Math::max);
      peak.accumulateAndGet(Files.size(file), Math::max);
    }
    return null;
  }

  private long packed(Path file) throws IOException, SQLException {
    Path copy = folder.resolve("copy.mv.db");
    Files.copy(file, copy);
    try (Connection database =
            DriverManager.getConnection("jdbc:h2:" + folder.resolve("copy"), "sa", "");
        Statement sql = database.createStatement()) {
      sql.execute("SHUTDOWN COMPACT");
    }
    return Files.size(copy);
  }
}
