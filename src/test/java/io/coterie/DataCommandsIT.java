package io.coterie;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backup, restore, export and import as people run them: the packaged jar, real files. */
class DataCommandsIT {

  private static final int CHATS = 4;

  @TempDir Path folder;

  private Path elsewhere;
  private String token;

  @BeforeEach
  void make() throws IOException {
    elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
  }

  @Test
  void backup_whileManyWrite_restoredServerHasWhatWasAcknowledgedBefore() throws Exception {
    Map<String, String> told = new ConcurrentHashMap<>();
    List<String> chats = new ArrayList<>();
    AtomicBoolean ended = new AtomicBoolean();
    ExecutorService people = Executors.newFixedThreadPool(CHATS);
    try (ServerProcess server = ServerProcess.serve(folder)) {
      token = server.login("ada@example.com");
      List<Future<?>> work = new ArrayList<>();
      for (int i = 0; i < CHATS; i++) {
        String chat = server.chat(token);
        chats.add(chat);
        work.add(people.submit(() -> write(server, chat, told, ended)));
      }
      Await.until(() -> told.size() > 200, () -> told.size() + " messages");
      Map<String, String> before = new HashMap<>(told);

      String printed = runSh("backup", "backup.zip");
      Map<String, String> after = new HashMap<>(told);
      JsonNode made = server.send(token, "POST", "/admin/backup", "");
      ended.set(true);
      for (Future<?> each : work) {
        each.get();
      }

      assertThat(printed).isEqualTo("Backup written to " + folder.resolve("backup.zip"));
      assertThat(after).as("written during the backup").hasSizeGreaterThan(before.size());
      assertThat(server.output()).doesNotContain("ERROR", "WARN");
      // What the command had made is moved to where it was asked for.
      Path backups = folder.resolve("data/backups");
      assertThat(backups.toFile().list()).containsExactly(fileName(made));
      restoredHas(folder.resolve("backup.zip"), "one", chats, before);
      restoredHas(folder.resolve("data").resolve(made.path("file").asText()), "two", chats, after);
    } finally {
      ended.set(true);
      people.shutdownNow();
    }
  }

  @Test
  void restore_onAnotherMachine_loginsAgentsAndRegistryWork() throws Exception {
    String key;
    try (ServerProcess server = ServerProcess.serve(folder, "registry.urls=own:,bundled:")) {
      token = server.login("ada@example.com");
      key =
          server
              .send(token, "POST", "/user/keys", AppFixture.object("name", "k").toString())
              .path("key")
              .asText();
      publishPoet(server);
      assertThat(server.send(token, "GET", "/agent/download?query=poet", "").textValue())
          .startsWith("Successfully installed");
      String mine =
          "{\"agent_id\":\"mine\",\"name\":\"Mine\",\"description\":\"D\",\"instructions\":\"I\"}";
      JsonNode created = server.send(token, "POST", "/agent", mine);
      assertThat(created.toString()).contains("mine");
      server.terminate();
      server.awaitExit();
    }
    Files.createDirectories(folder.resolve("data/tools"));
    Files.writeString(folder.resolve("data/tools/memory.json"), "remembered");
    var rows = Tables.rows(folder.resolve("data"));

    run(0, folder, "backup", "elsewhere/b.zip");
    run(0, elsewhere, "restore", "b.zip");

    assertThat(Tables.rows(elsewhere.resolve("data"))).isEqualTo(rows);
    assertThat(elsewhere.resolve("data/tools/memory.json")).hasContent("remembered");
    try (ServerProcess server = ServerProcess.serve(elsewhere, "registry.urls=own:,bundled:")) {
      assertThat(server.answer(token, "GET", "/user", "").status()).isEqualTo(200);
      assertThat(server.answer(key, "GET", "/user", "").status()).isEqualTo(200);
      assertThat(server.send(key, "GET", "/agent", "").findValuesAsText("agent_id"))
          .contains("poet", "mine");
      assertThat(server.send(key, "GET", "/registry/poet/index.json", "").toString())
          .contains("1.0.0");
      assertThat(server.login("ada@example.com")).isNotEmpty();
    }
  }

  @Test
  void exportAndImport_everyRowIsThere() throws Exception {
    try (ServerProcess server = ServerProcess.serve(folder)) {
      token = server.login("ünï@example.com");
      String chat = server.chat(token);
      for (String text : List.of("it's “quoted”; -- \\ \u0001 'x'", "two\nlines\r\n\t日本 🙂")) {
        post(server, chat, "@echo " + text);
      }
      run(0, folder, "export", "running.sql.gz");
      server.kill();
    }
    var rows = Tables.rows(folder.resolve("data"));
    run(0, folder, "export", "stopped.sql");

    for (String file : List.of("running.sql.gz", "stopped.sql")) {
      String data = "--data.dir=" + file + "-data";
      assertThat(run(0, elsewhere, "import", "../" + file, data))
          .isEqualTo("Database imported from " + elsewhere.resolve("../" + file));
      assertThat(Tables.rows(elsewhere.resolve(file + "-data"))).isEqualTo(rows);
    }
    assertThat(folder.toFile().list())
        .containsExactlyInAnyOrder("data", "elsewhere", "running.sql.gz", "stopped.sql");
    // What a new file format needs: the same folder, its old database kept.
    assertThat(run(0, folder, "import", "stopped.sql")).contains("; what was there before is in ");
    assertThat(Tables.rows(folder.resolve("data"))).isEqualTo(rows);
    try (ServerProcess server = ServerProcess.serve(folder)) {
      assertThat(server.answer(token, "GET", "/user", "").status()).isEqualTo(200);
    }
  }

  @Test
  void mistakes_areOneLineAndAnExitCodeAndChangeNothing() throws Exception {
    Files.writeString(folder.resolve("there.zip"), "no zip");
    Files.writeString(folder.resolve("text.sql"), "no sql");
    for (String command : List.of("backup", "restore", "export", "import")) {
      assertThat(run(2, folder, command)).startsWith("usage: " + command + " FILE");
      assertThat(run(2, folder, command, "--data.dir=x")).startsWith("usage: " + command);
      assertThat(run(2, folder, command, "a", "b")).startsWith("usage: " + command);
      assertThat(run(2, folder, command, "a", "--no.such=key")).contains("no.such");
      String memory = "--database.url=jdbc:h2:mem:x";
      assertThat(run(1, folder, command, "a", memory)).contains("no plain file");
    }
    assertThat(run(1, folder, "backup", "there.zip")).contains("there.zip: is there already");
    assertThat(run(1, folder, "export", "there.zip")).contains("there.zip: is there already");
    assertThat(run(1, folder, "backup", "new.zip")).contains("there is no database at");
    assertThat(run(1, folder, "export", "new.sql")).contains("there is no database at");
    assertThat(run(1, folder, "restore", "absent.zip")).contains("absent.zip: is not there");
    assertThat(run(1, folder, "import", "absent.sql")).contains("absent.sql: is not there");
    assertThat(run(1, folder, "restore", "there.zip")).contains("no backup, or damaged");
    assertThat(run(1, folder, "import", "text.sql")).startsWith("Cannot import: ");
    assertThat(run(1, folder, "restore", "there.zip", "--data.dir=there.zip"))
        .startsWith("Cannot restore: ");
    assertThat(folder.resolve("data").toFile().list()).isNullOrEmpty();
    try (ServerProcess server = ServerProcess.serve(folder)) {
      run(0, folder, "backup", "good.zip");
      run(0, folder, "export", "good.sql");
      assertThat(run(1, folder, "backup", "no/such/folder.zip")).startsWith("Cannot backup: ");
      assertThat(run(1, folder, "export", "no/such/folder.sql")).startsWith("Cannot export: ");
      assertThat(run(1, folder, "restore", "good.zip")).contains("a server runs on");
      assertThat(run(1, folder, "import", "good.sql")).contains("a server runs on");
      assertThat(server.login("ada@example.com")).isNotEmpty();
    }
    assertThat(folder.resolve("data").toFile().list())
        .containsExactlyInAnyOrder("coterie.mv.db", "jwt.secret", "backups");
  }

  /** The one line that a command prints. */
  private static String run(int exitCode, Path directory, String... args) {
    try (ServerProcess process = ServerProcess.run(directory, Map.of(), args)) {
      assertThat(process.awaitExit()).as(process.output()).isEqualTo(exitCode);
      assertThat(process.output().lines()).as(process.output()).hasSize(1);
      return process.output();
    }
  }

  private String runSh(String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of(Path.of("run.sh").toAbsolutePath().toString()));
    command.addAll(List.of(args));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    assertThat(process.waitFor()).as(printed).isZero();
    return printed.lines().reduce((first, second) -> second).orElse("");
  }

  private void write(
      ServerProcess server, String chat, Map<String, String> told, AtomicBoolean ended) {
    for (int n = 0; !ended.get(); n++) {
      JsonNode reply = post(server, chat, "@echo number " + n + " of " + chat);
      told.put(reply.path("message_id").asText(), reply.path("content").asText());
    }
  }

  private JsonNode post(ServerProcess server, String chat, String text) {
    String body = AppFixture.object("chat_id", chat, "message", text).toString();
    AppFixture.Answer answer = server.answer(token, "POST", "/chat/message?wait=true", body);
    assertThat(answer.status()).as(answer.response().body()).isEqualTo(200);
    return answer.json();
  }

  private void restoredHas(Path backup, String name, List<String> chats, Map<String, String> told)
      throws IOException {
    Path place = Files.createDirectory(elsewhere.resolve(name));
    run(0, place, "restore", backup.toString());
    Map<String, String> found = new HashMap<>();
    try (ServerProcess server = ServerProcess.serve(place)) {
      for (String chat : chats) {
        Await.until(() -> !get(server, "/chat?", chat).path("busy").asBoolean(), () -> "busy");
        List<Long> seqs = new ArrayList<>();
        JsonNode events;
        do {
          events = get(server, "/chat/events?poll=1&since=" + seqs.size() + "&", chat);
          for (JsonNode event : events.path("events")) {
            seqs.add(event.path("seq").asLong());
            assertThat(seqs.get(seqs.size() - 1)).isEqualTo(seqs.size());
            if (event.path("event").asText().equals("message")) {
              JsonNode message = event.path("data");
              found.put(message.path("message_id").asText(), message.path("content").asText());
            }
          }
        } while (!events.path("events").isEmpty());
        post(server, chat, "@echo and on");
      }
      assertThat(server.output()).doesNotContain("ERROR", "WARN");
    }
    assertThat(found).containsAllEntriesOf(told);
  }

  private JsonNode get(ServerProcess server, String path, String chat) {
    return server.send(token, "GET", path + "chat_id=" + chat, "");
  }

  private void publishPoet(ServerProcess server) throws Exception {
    Path agent = Files.createDirectory(folder.resolve("poet"));
    Files.writeString(
        agent.resolve("agent.json"),
        """
        {"agent_id":"poet","version":"1.0.0","name":"Poet","description":"Writes verse.","kind":"llm",
         "instructions":"Write verse."}
        """);
    try (ServerProcess pack = ServerProcess.run(folder, Map.of(), "pack", "poet", "packed")) {
      assertThat(pack.awaitExit()).as(pack.output()).isZero();
    }
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url() + "/registry/poet/1.0.0"))
            .header("Authorization", "Bearer " + token)
            .PUT(HttpRequest.BodyPublishers.ofFile(folder.resolve("packed/poet/poet-1.0.0.zip")))
            .build();
    HttpResponse<String> answer = server.http().send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isLessThan(300);
  }

  private static String fileName(JsonNode made) {
    assertThat(made.path("msg").asText()).isEqualTo("Backup written");
    return Path.of(made.path("file").asText()).getFileName().toString();
  }
}
