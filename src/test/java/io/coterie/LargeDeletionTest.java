package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture.Login;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * One user deletes much while another one writes. With {@code -Dgrowth.full} a chat of 120,000
 * messages, a workspace of 20,000 chats and an account with both.
 */
class LargeDeletionTest {

  private static final boolean FULL = Boolean.getBoolean("growth.full");
  private static final int MESSAGES = FULL ? 120_000 : 6_000;
  private static final int CHATS = FULL ? 20_000 : 1_000;

  /** A third of what the server makes of such a chat; a file that was just compacted has less. */
  private static final long MOST_GROWTH = (FULL ? 28 : 12) << 20;

  private static final int WARM = 100;
  private static final long BASELINE_NANOS = 1_000_000_000L;

  private AppFixture app;
  private Login owner;
  private Login other;

  @BeforeEach
  void start() {
    app = AppFixture.startOnDisk();
    other = app.login();
    owner = app.login();
  }

  @AfterEach
  void stop() {
    app.close();
  }

  @Test
  void chatOfManyMessages_isGoneAtOnce_andOthersGoOnWriting() throws Exception {
    String[] chat = new String[1];
    fill(with -> chat[0] = with.chat(owner.userId(), with.workspace(owner.userId()), MESSAGES / 2));
    String path = "/chat?chat_id=" + chat[0];
    deleteBesideWrites("chat of " + MESSAGES + " messages", path, null);
    Expect.msg(app.get(owner.token(), path), 404, "Chat not found");
  }

  @Test
  void workspaceOfManyChats_isGoneAtOnce_andOthersGoOnWriting() throws Exception {
    String[] workspace = new String[1];
    fill(
        with -> {
          workspace[0] = with.workspace(owner.userId());
          with.chats(owner.userId(), workspace[0], CHATS);
        });
    String path = "/workspace/" + workspace[0];
    deleteBesideWrites("workspace of " + CHATS + " chats", path, null);
    Expect.msg(app.get(owner.token(), path), 404, "Workspace not found");
  }

  @Test
  void account_isGoneAtOnce_andOthersGoOnWriting() throws Exception {
    fill(
        with -> {
          String workspace = with.workspace(owner.userId());
          with.chat(owner.userId(), workspace, MESSAGES / 4);
          with.chats(owner.userId(), with.workspace(owner.userId()), CHATS / 2);
          with.usage(owner.userId(), 2_000);
          for (int i = 0; i < 500; i++) {
            with.workspace(owner.userId());
          }
        });
    deleteBesideWrites("account", "/user", AppFixture.password());
    Expect.msg(app.get(owner.token(), "/user"), 404, "User not found");
    assertThat(app.login(owner.email()).userId()).isNotEqualTo(owner.userId());
  }

  private interface Fill {
    void accept(Filling filling) throws SQLException;
  }

  private void fill(Fill fill) throws SQLException {
    app.stop();
    try (Filling filling = new Filling(app.dataDir())) {
      fill.accept(filling);
    }
    app.restart();
  }

  private void deleteBesideWrites(String what, String path, String password) throws Exception {
    Path file = app.dataDir().resolve("coterie.mv.db");
    String chat = app.chat(other);
    warmUp();
    Writes before = new Writes(chat);
    long end = System.nanoTime() + BASELINE_NANOS;
    before.go(() -> System.nanoTime() > end);
    long size = Files.size(file);

    AtomicBoolean done = new AtomicBoolean();
    Writes meanwhile = new Writes(chat);
    Thread writer = new Thread(() -> meanwhile.go(done::get));
    writer.start();
    long began = System.nanoTime();
    var body = password == null ? null : AppFixture.object("password", password);
    assertThat(app.delete(owner.token(), path, body).status()).isEqualTo(200);
    long answered = millisSince(began);
    long largest = awaitRemoval(file);
    long removed = millisSince(began);
    done.set(true);
    writer.join();

    System.out.printf(
        "%s: answered in %d ms, removed in %d ms; writes of others: slowest %d ms, median %d ms of %d"
            + " (before: %d ms, %d ms of %d); file %d KB, at most %d KB, then %d KB%n",
        what,
        answered,
        removed,
        meanwhile.slowest(),
        meanwhile.median(),
        meanwhile.count(),
        before.slowest(),
        before.median(),
        before.count(),
        size >> 10,
        largest >> 10,
        Files.size(file) >> 10);
    assertThat(orphans()).isEqualTo("{}");
    long factor = isQuiet() ? 1 : 20;
    // Checking a password takes a quarter of a second by itself.
    assertThat(answered).isLessThan(factor * (password == null ? 100 : 600));
    assertThat(meanwhile.slowest()).isLessThan(factor * 250);
    assertThat(largest - size).isLessThan(MOST_GROWTH);
  }

  /** What counts is a server that has been running for a while. */
  private void warmUp() {
    String workspace = app.workspace(other);
    for (int i = 0; i < WARM; i++) {
      String path = "/chat?chat_id=" + app.chat(other, workspace);
      assertThat(app.delete(other.token(), path, null).status()).isEqualTo(200);
    }
  }

  /** Whether the machine has nothing else to do; what counts is what the server takes. */
  private static boolean isQuiet() {
    var system = ManagementFactory.getOperatingSystemMXBean();
    return system.getSystemLoadAverage() < system.getAvailableProcessors();
  }

  /** Answers how large the file became. */
  private long awaitRemoval(Path file) throws Exception {
    long largest = 0;
    try (Connection connection = Tables.open(app.dataDir());
        var select = connection.prepareStatement("SELECT COUNT(*) FROM deletions")) {
      long end = System.nanoTime() + 900_000_000_000L;
      long left = 1;
      while (left > 0) {
        assertThat(System.nanoTime()).as("%d are left", left).isLessThan(end);
        largest = Math.max(largest, Files.size(file));
        try (var rows = select.executeQuery()) {
          rows.next();
          left = rows.getLong(1);
        }
        LockSupport.parkNanos(5_000_000);
      }
    }
    return largest;
  }

  private String orphans() throws SQLException {
    try (Connection connection = Tables.open(app.dataDir())) {
      return Orphans.count(connection).toString();
    }
  }

  private static long millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1_000_000;
  }

  /** What the other user stores, one after the other, and how long each takes. */
  private final class Writes {
    private final String chat;
    private final List<Long> nanos = new ArrayList<>();

    Writes(String chat) {
      this.chat = chat;
    }

    void go(BooleanSupplier until) {
      do {
        String title = "Title " + nanos.size();
        long began = System.nanoTime();
        int status =
            app.put(other.token(), "/chat?chat_id=" + chat, AppFixture.object("title", title))
                .status();
        nanos.add(System.nanoTime() - began);
        if (status != 200) {
          throw new IllegalStateException("A write of another user is answered " + status);
        }
      } while (!until.getAsBoolean());
      Collections.sort(nanos);
    }

    int count() {
      return nanos.size();
    }

    long slowest() {
      return nanos.get(nanos.size() - 1) / 1_000_000;
    }

    long median() {
      return nanos.get(nanos.size() / 2) / 1_000_000;
    }
  }
}
