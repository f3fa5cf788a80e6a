package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.storage.RunningDatabase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a whole server, and servers that were made of them. */
class BackupTest {

  private static final int WRITERS = 4;

  @TempDir Path folder;

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @Test
  void backup_whileMessagesArrive_restoredServerHasEveryAcknowledgedOne() throws Exception {
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    AtomicBoolean ended = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
    try (AppFixture server = AppFixture.startOnDisk()) {
      AppFixture.Login admin = server.login();
      List<String> chats = new ArrayList<>();
      List<Future<?>> work = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        String chat = server.chat(admin);
        chats.add(chat);
        work.add(
            threads.submit(
                () -> {
                  for (int n = 0; !ended.get(); n++) {
                    acknowledged.add(post(server, admin, chat, n));
                  }
                }));
      }
      Await.until(() -> acknowledged.size() > 60, () -> acknowledged.size() + " messages");
      Set<String> before = new HashSet<>(acknowledged);
      AppFixture.Answer answer = server.post(admin.token(), "/admin/backup", null);
      ended.set(true);
      for (Future<?> each : work) {
        each.get();
      }
      assertThat(answer.status()).as(answer.response().body()).isEqualTo(200);
      assertThat(answer.msg()).isEqualTo("Backup written");
      Path file = server.dataDir().resolve(answer.json().path("file").asText());
      assertThat(answer.json().path("bytes").asLong()).isEqualTo(Files.size(file));

      assertThat(run("restore", file)).as(printed.toString(StandardCharsets.UTF_8)).isZero();
      try (AppFixture restored = AppFixture.startOn(data())) {
        Set<String> found = new HashSet<>();
        for (String chat : chats) {
          found.addAll(messages(restored, admin, chat));
        }
        assertThat(found).containsAll(before);
        assertThat(acknowledged).hasSizeGreaterThan(before.size());
        post(restored, admin, chats.get(0), 0);
      }
    } finally {
      ended.set(true);
      threads.shutdownNow();
    }
  }

  @Test
  void backupCommand_serverRuns_goesThroughItAndHoldsEveryRow() throws Exception {
    try (AppFixture server = AppFixture.startOnDisk()) {
      AppFixture.Login admin = server.login();
      post(server, admin, server.chat(admin), 1);
      Path file = folder.resolve("backup.zip");

      assertThat(runOn(server.dataDir(), "backup", file))
          .as(printed.toString(StandardCharsets.UTF_8))
          .isZero();

      assertThat(run("restore", file)).as(printed.toString(StandardCharsets.UTF_8)).isZero();
      assertThat(Tables.rows(data())).isEqualTo(Tables.rows(server.dataDir()));
      assertThat(data().resolve("jwt.secret"))
          .hasSameTextualContentAs(server.dataDir().resolve("jwt.secret"));
      assertThat(names(server.dataDir().resolve("backups"))).isEmpty();
      assertThat(names(server.dataDir())).noneMatch(name -> name.startsWith("backup-"));
    }
  }

  @Test
  void backupCommand_noServer_holdsEveryRow() throws Exception {
    try (AppFixture server = AppFixture.startOnDisk()) {
      AppFixture.Login admin = server.login();
      post(server, admin, server.chat(admin), 1);
      server.stop();
      Path file = folder.resolve("backup.zip");

      assertThat(runOn(server.dataDir(), "backup", file))
          .as(printed.toString(StandardCharsets.UTF_8))
          .isZero();
      assertThat(run("restore", file)).as(printed.toString(StandardCharsets.UTF_8)).isZero();

      assertThat(Tables.rows(data())).isEqualTo(Tables.rows(server.dataDir()));
      assertThat(runOn(server.dataDir(), "backup", file)).isEqualTo(1);
      assertThat(printed.toString(StandardCharsets.UTF_8)).contains("is there already");
    }
  }

  @Test
  void exportAndImport_everyRowIsThereAndTheServerStarts() throws Exception {
    try (AppFixture server = AppFixture.startOnDisk()) {
      AppFixture.Login admin = server.login("ünïcode@example.com");
      String chat = server.chat(admin);
      String message = post(server, admin, chat, 1);
      for (String name : List.of("export.sql.gz", "export.sql")) {
        Path file = folder.resolve(name);
        Path target = folder.resolve("of-" + name);
        assertThat(runOn(server.dataDir(), "export", file))
            .as(printed.toString(StandardCharsets.UTF_8))
            .isZero();
        assertThat(runOn(target, "import", file))
            .as(printed.toString(StandardCharsets.UTF_8))
            .isZero();
        assertThat(Tables.rows(target)).isEqualTo(Tables.rows(server.dataDir()));
        assertThat(names(target)).containsExactly("coterie.mv.db");
      }
      Files.copy(
          server.dataDir().resolve("jwt.secret"), folder.resolve("of-export.sql/jwt.secret"));
      try (AppFixture imported = AppFixture.startOn(folder.resolve("of-export.sql"))) {
        assertThat(messages(imported, admin, chat)).contains(message);
      }
    }
  }

  @Test
  void restore_serverRuns_refusedAndNothingChanges() throws Exception {
    try (AppFixture server = AppFixture.startOnDisk()) {
      server.login();
      Path file = folder.resolve("backup.zip");
      Path script = folder.resolve("script.sql");
      assertThat(runOn(server.dataDir(), "backup", file)).isZero();
      assertThat(runOn(server.dataDir(), "export", script)).isZero();
      var before = Tables.rows(server.dataDir());

      assertThat(runOn(server.dataDir(), "restore", file)).isEqualTo(1);
      assertThat(runOn(server.dataDir(), "import", script)).isEqualTo(1);

      assertThat(printed.toString(StandardCharsets.UTF_8)).contains("a server runs on");
      assertThat(Tables.rows(server.dataDir())).isEqualTo(before).containsKey("users");
      server.login();
    }
  }

  @Test
  void restore_dataIsThere_keepsItAside() throws Exception {
    try (AppFixture server = AppFixture.startOnDisk()) {
      Path file = folder.resolve("backup.zip");
      AppFixture.Login early = server.login();
      assertThat(runOn(server.dataDir(), "backup", file)).isZero();
      AppFixture.Login late = server.login();
      server.stop();
      var old = Tables.rows(server.dataDir());

      assertThat(runOn(server.dataDir(), "restore", file)).isZero();

      server.restart();
      assertThat(server.get(early.token(), "/user").status()).isEqualTo(200);
      assertThat(server.get(late.token(), "/user").status()).isEqualTo(404);
      String aside =
          names(server.dataDir()).stream()
              .filter(name -> name.startsWith("before-restore-"))
              .findFirst()
              .orElseThrow();
      assertThat(printed.toString(StandardCharsets.UTF_8)).contains(aside);
      assertThat(Tables.rows(server.dataDir().resolve(aside))).isEqualTo(old);
    }
  }

  @Test
  void restore_noBackup_refusedAndNothingIsLeft() throws Exception {
    Path text = Files.writeString(folder.resolve("text.zip"), "no zip");

    assertThat(run("restore", text)).isEqualTo(1);
    assertThat(run("import", text)).isEqualTo(1);
    assertThat(run("restore", folder.resolve("absent.zip"))).isEqualTo(1);

    assertThat(printed.toString(StandardCharsets.UTF_8).lines()).hasSize(3);
    assertThat(names(data())).isEmpty();
  }

  @Test
  void start_restoreHasNotEnded_refused() throws Exception {
    Files.createDirectories(data().resolve("restoring"));

    assertThatThrownBy(() -> AppFixture.startOn(data()))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("did not come to its end");
  }

  @Test
  void start_databaseOfANewerVersion_refusedInOneLine() throws Exception {
    try (AppFixture server = AppFixture.startOnDisk()) {
      server.sql(
          """
          INSERT INTO "flyway_schema_history" ("installed_rank", "version", "description", "type",
            "script", "checksum", "installed_by", "execution_time", "success")
          VALUES (900, '900', 'later', 'SQL', 'V900__later.sql', 1, 'sa', 1, TRUE)""");
      server.stop();

      assertThatThrownBy(() -> AppFixture.startOn(server.dataDir()))
          .isInstanceOf(StartException.class)
          .message()
          .contains("newer version")
          .doesNotContain("\n");
      assertThat(server.dataDir().resolve("backups")).doesNotExist();
    }
  }

  @Test
  void start_databaseOfAnOlderVersion_isBackedUpBeforeItIsUpgraded() throws Exception {
    try (AppFixture fresh = AppFixture.startOnDisk()) {
      assertThat(fresh.dataDir().resolve("backups")).doesNotExist();
    }
    Files.createDirectories(data());
    try (Connection connection = Tables.open(data());
        Statement sql = connection.createStatement()) {
      Flyway.configure()
          .dataSource(RunningDatabase.url(data()), "sa", "")
          .target("1")
          .load()
          .migrate();
      sql.execute(
          """
          INSERT INTO users (user_id, email, email_key, password_hash, role, disabled,
            token_version, created_at)
          VALUES (RANDOM_UUID(), 'old@example.com', 'old@example.com', 'x', 'user', FALSE, 1,
            NOW())""");
    }
    var old = Tables.rows(data());

    try (AppFixture upgraded = AppFixture.startOn(data())) {
      List<String> backups = names(data().resolve("backups"));
      assertThat(backups).singleElement().asString().matches("before-v\\d+-.*\\.zip");
      Path restored = folder.resolve("restored");
      assertThat(runOn(restored, "restore", data().resolve("backups").resolve(backups.get(0))))
          .isZero();
      assertThat(Tables.rows(restored)).isEqualTo(old);
      assertThat(Tables.rows(data())).isNotEqualTo(old);
      upgraded.restart();
      assertThat(names(data().resolve("backups"))).isEqualTo(backups);
    }
  }

  @Test
  void backup_ofDatabaseInMemory_refused() {
    try (AppFixture server = AppFixture.start()) {
      AppFixture.Answer answer = server.post(server.login().token(), "/admin/backup", null);

      assertThat(answer.status()).isEqualTo(409);
      assertThat(answer.msg()).isEqualTo("The database is not kept in a plain file");
    }
  }

  @Test
  void backup_cannotBeWritten_is500AndTheServerGoesOn() throws Exception {
    try (AppFixture server = AppFixture.startOnDisk()) {
      AppFixture.Login admin = server.login();
      Path inTheWay = Files.writeString(server.dataDir().resolve("backups"), "a file");

      AppFixture.Answer answer = server.post(admin.token(), "/admin/backup", null);

      assertThat(answer.status()).isEqualTo(500);
      assertThat(answer.msg()).isEqualTo("Internal server error");
      assertThat(runOn(server.dataDir(), "backup", folder.resolve("b.zip"))).isEqualTo(1);
      assertThat(printed.toString(StandardCharsets.UTF_8))
          .startsWith("Cannot backup: ")
          .contains("backups")
          .hasLineCount(1);
      Files.delete(inTheWay);
      assertThat(server.post(admin.token(), "/admin/backup", null).status()).isEqualTo(200);
    }
  }

  @Test
  void backup_notAnAdmin_refused() {
    try (AppFixture server = AppFixture.startOnDisk()) {
      server.login();
      AppFixture.Answer answer = server.post(server.login().token(), "/admin/backup", null);

      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.msg()).isEqualTo("Admin only");
      assertThat(server.dataDir().resolve("backups")).doesNotExist();
    }
  }

  @Test
  void start_restoreLeftSomething_deletesIt() throws Exception {
    Files.createDirectories(data().resolve("restoring.part"));

    try (AppFixture server = AppFixture.startOn(data())) {
      assertThat(names(server.dataDir())).doesNotContain("restoring.part");
    }
  }

  private Path data() {
    return folder.resolve("data");
  }

  private int run(String command, Path file) {
    return runOn(data(), command, file);
  }

  private int runOn(Path dataDir, String command, Path file) {
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    String[] args = {command, file.toString(), "--data.dir=" + dataDir};
    return DataCommand.run(args, Map.of(), folder, out, out);
  }

  private static String post(AppFixture server, AppFixture.Login user, String chat, int n) {
    JsonNode body = AppFixture.object("chat_id", chat, "message", "@echo number " + n);
    AppFixture.Answer answer = server.post(user.token(), "/chat/message?wait=true", body);
    assertThat(answer.status()).as(answer.response().body()).isEqualTo(200);
    return answer.json().path("message_id").asText();
  }

  private static Set<String> messages(AppFixture server, AppFixture.Login user, String chat) {
    Set<String> found = new HashSet<>();
    String cursor = "";
    while (true) {
      AppFixture.Answer page =
          server.get(user.token(), "/chat/messages?limit=200&chat_id=" + chat + cursor);
      assertThat(page.status()).isEqualTo(200);
      JsonNode messages = page.json().path("messages");
      messages.forEach(message -> found.add(message.path("message_id").asText()));
      if (!page.json().path("has_more").asBoolean()) {
        return found;
      }
      cursor = "&before=" + messages.path(0).path("message_id").asText();
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
