package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks without room; what needs one is skipped where nobody may mount one. */
class FullDiskIT {

  private static final String CANNOT_STORE = "Server cannot store";

  @TempDir Path folder;

  private boolean mounting;

  @BeforeEach
  void look() {
    mounting = Shell.has("unshare", "-m", "mount", "-t", "tmpfs", "none", folder.toString());
    if (!mounting) {
      System.out.println("SKIPPED in part: FullDiskIT, as disks cannot be mounted here");
    }
  }

  /** What mounts a disk for one server alone. */
  private static List<String> with(String mounts) {
    return List.of("unshare", "-m", "sh", "-c", mounts + " && exec \"$@\"", "sh");
  }

  /** What does something to the disks of that server. */
  private boolean inside(ServerProcess server, String command) {
    return Shell.has(
        "nsenter", "-t", "" + server.pid(), "-m", "sh", "-c", "cd " + folder + " && " + command);
  }

  @Test
  void backup_diskIsFull_is503AndTheServerGoesOn() {
    if (!mounting) {
      return;
    }
    try (ServerProcess server =
        ServerProcess.run(
            with("mkdir -p data/backups && mount -t tmpfs -o size=4k none data/backups"),
            folder,
            Map.of(),
            "--server.port=0")) {
      String token = server.login("ada@example.com");
      for (int i = 0; i < 3; i++) {
        Answer answer = server.answer(token, "POST", "/admin/backup", "");
        assertThat(answer.status()).as(server.output()).isEqualTo(503);
        assertThat(answer.msg()).isEqualTo(CANNOT_STORE);
      }
      try (ServerProcess backup = ServerProcess.run(folder, Map.of(), "backup", "b.zip")) {
        assertThat(backup.awaitExit()).isEqualTo(1);
        assertThat(backup.output())
            .isEqualTo("Cannot backup: there is not enough room on the disk");
      }
      assertThat(folder.resolve("b.zip")).doesNotExist();
      assertThat(inside(server, "test -z \"$(ls data/backups)\"")).isTrue();
      assertThat(server.chat(token)).isNotEmpty();
      assertThat(trouble(server)).hasSize(1);
    }
  }

  @Test
  void upload_diskIsFull_is503AndNothingOfItIsLeft() throws Exception {
    if (!mounting) {
      return;
    }
    byte[] zip = archive("big", "1.0.0", 40_000);
    try (ServerProcess server =
        ServerProcess.run(
            with("mkdir -p data/registry && mount -t tmpfs -o size=16k none data/registry"),
            folder,
            Map.of(),
            "--server.port=0")) {
      String token = server.login("ada@example.com");
      for (int i = 0; i < 3; i++) {
        HttpResponse<String> answer = upload(server, token, zip);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
        assertThat(answer.body()).isEqualTo("{\"msg\":\"" + CANNOT_STORE + "\"}");
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      }
      assertThat(inside(server, "test -z \"$(ls -A data/registry)\"")).isTrue();
      assertThat(trouble(server)).hasSize(1);
      assertThat(inside(server, "mount -o remount,size=1m data/registry")).isTrue();
      assertThat(upload(server, token, zip).statusCode()).isEqualTo(200);
    }
  }

  /** A package whose instructions cannot be made shorter. */
  private static byte[] archive(String name, String version, int length) throws IOException {
    byte[] noise = new byte[length / 2];
    new Random(1).nextBytes(noise);
    String manifest =
        AppFixture.object(
                "agent_id",
                name,
                "version",
                version,
                "name",
                name,
                "description",
                "d",
                "kind",
                "llm",
                "instructions",
                HexFormat.of().formatHex(noise))
            .toString();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("agent.json"));
      zip.write(manifest.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static HttpResponse<String> upload(ServerProcess server, String token, byte[] zip)
      throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url() + "/registry/big/1.0.0"))
            .header("Authorization", "Bearer " + token)
            .PUT(HttpRequest.BodyPublishers.ofByteArray(zip))
            .build();
    return server.http().send(request, HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void disk_fills_readingGoesOnAndAllIsWellWhenItIsFree() {
    if (!mounting) {
      return;
    }
    try (ServerProcess server =
        ServerProcess.run(
            with("mkdir -p data && mount -t tmpfs -o size=3m none data"),
            folder,
            Map.of(),
            "--server.port=0",
            "--log.requests=false")) {
      String token = server.login("ada@example.com");
      String chat = server.chat(token);
      List<String> stored = new ArrayList<>();
      Answer refused = fill(server, token, chat, stored);
      System.out.printf("FullDiskIT: a disk of 3 MB took %d messages of 20 KB%n", stored.size());
      assertThat(refused.status()).as(server.output()).isEqualTo(503);
      assertThat(refused.msg()).isEqualTo(CANNOT_STORE);
      assertThat(refused.response().headers().firstValue("Retry-After")).isPresent();
      inside(server, "head -c 9000000 /dev/zero > data/filler"); // to the last byte
      for (int i = 0; i < 50; i++) {
        assertThat(post(server, token, chat, "more").status()).isEqualTo(503);
        assertThat(server.answer(null, "GET", "/ready", "").status()).isEqualTo(503);
        assertThat(server.answer(token, "GET", "/workspace", "").status()).isEqualTo(200);
        assertThat(server.answer(token, "GET", "/chat/messages?chat_id=" + chat, "").status())
            .isEqualTo(200);
      }
      assertThat(trouble(server)).hasSizeLessThanOrEqualTo(2);

      assertThat(inside(server, "rm -f data/filler; mount -o remount,size=63m data")).isTrue();
      Await.until(() -> server.answer(null, "GET", "/ready", "").status() == 200, server::output);
      assertThat(post(server, token, chat, "after").status()).isEqualTo(202);
      stored.add("after");
      assertThat(userMessages(server, token, chat)).containsExactlyElementsOf(stored);
      assertThat(inside(server, "test -z \"$(ls -A data | grep -v -e ^coterie -e ^jwt)\""))
          .isTrue();
      server.terminate();
      assertThat(server.awaitExit()).as(server.output()).isZero();
    }
  }

  private static Answer fill(ServerProcess server, String token, String chat, List<String> stored) {
    String text = "x".repeat(20_000);
    for (int i = 0; i < 5_000; i++) {
      Answer answer = post(server, token, chat, i + text);
      if (answer.status() != 202) {
        return answer;
      }
      stored.add(i + text);
    }
    throw new AssertionError("the disk was never full");
  }

  private static Answer post(ServerProcess server, String token, String chat, String text) {
    String body = AppFixture.object("chat_id", chat, "message", text).toString();
    return server.answer(token, "POST", "/chat/message", body);
  }

  private static List<String> userMessages(ServerProcess server, String token, String chat) {
    List<String> texts = new ArrayList<>();
    String path = "/chat/messages?limit=200&chat_id=" + chat;
    for (String cursor = ""; cursor != null; ) {
      var page = server.send(token, "GET", path + cursor, "");
      List<String> part = new ArrayList<>();
      page.path("messages")
          .forEach(
              message -> {
                if (message.path("role").asText().equals("user")) {
                  part.add(message.path("content").asText());
                }
              });
      texts.addAll(0, part);
      cursor =
          page.path("has_more").asBoolean()
              ? "&before=" + page.path("messages").path(0).path("message_id").asText()
              : null;
    }
    return texts;
  }

  @Test
  void start_diskIsFull_saysSoInOneLineAndLeavesNothing() {
    if (!mounting) {
      return;
    }
    for (String size : List.of("4k", "300k", "900k")) {
      try (ServerProcess server =
          ServerProcess.run(
              with(
                  "mkdir -p data && mount -t tmpfs -o size=%s none data".formatted(size)
                      + " && trap '' HUP"),
              folder,
              Map.of(),
              "--server.port=0")) {
        assertThat(server.awaitExit()).as(size + server.output()).isEqualTo(1);
        assertThat(server.output().lines()).as(server.output()).hasSize(1);
      }
    }
  }

  @Test
  void start_dataFolderIsReadOnly_saysSoInOneLine() throws IOException {
    if (!mounting) {
      return;
    }
    try (ServerProcess server = ServerProcess.serve(folder)) {
      server.terminate();
      assertThat(server.awaitExit()).isZero();
    }
    try (ServerProcess server =
        ServerProcess.run(
            with("mount --bind data data && mount -o remount,bind,ro data"),
            folder,
            Map.of(),
            "--server.port=0")) {
      assertThat(server.awaitExit()).isEqualTo(1);
      assertThat(server.output().lines()).as(server.output()).hasSize(1);
      assertThat(server.output()).contains("cannot be made or written to");
    }
  }

  @Test
  void start_secretCannotBeRead_saysSoInOneLine() throws IOException {
    Files.createDirectories(folder.resolve("data/jwt.secret"));
    try (ServerProcess server = ServerProcess.run(folder, Map.of(), "--server.port=0")) {
      assertThat(server.awaitExit()).isEqualTo(1);
      assertThat(server.output().lines()).as(server.output()).hasSize(1);
      assertThat(server.output()).contains("jwt.secret cannot be read or made");
    }
  }

  @Test
  void start_secretIsOpenToOthers_isClosedWithAWarning() throws IOException {
    Path secret = Files.createDirectories(folder.resolve("data")).resolve("jwt.secret");
    Files.writeString(secret, "0123456789abcdef0123456789abcdef0123");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));
    try (ServerProcess server = ServerProcess.serve(folder)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
          .isEqualTo("rw-------");
      assertThat(trouble(server)).hasSize(1).allMatch(line -> line.contains("jwt.secret"));
    }
    try (ServerProcess server = ServerProcess.serve(folder)) {
      assertThat(trouble(server)).isEmpty();
    }
  }

  @Test
  void start_otherH2_isRefusedInOneLine() throws IOException {
    Path other = otherH2();
    if (other == null) {
      System.out.println("SKIPPED: FullDiskIT.start_otherH2, as no other H2 is at hand");
      return;
    }
    try (ServerProcess server =
        ServerProcess.runClass(
            other + java.io.File.pathSeparator + ServerProcess.JAR,
            "io.coterie.Main",
            folder,
            "--server.port=0")) {
      assertThat(server.awaitExit()).isEqualTo(1);
      assertThat(server.output()).contains("has to be H2 2.2.224").hasLineCount(1);
    }
  }

  private static Path otherH2() throws IOException {
    Path h2 = Path.of(System.getProperty("user.home"), ".m2/repository/com/h2database/h2");
    if (!Files.isDirectory(h2)) {
      return null;
    }
    try (Stream<Path> jars = Files.walk(h2, 2)) {
      return jars.filter(jar -> jar.getFileName().toString().matches("h2-2\\.[3-9][0-9.]*\\.jar"))
          .findFirst()
          .orElse(null);
    }
  }

  private static List<String> trouble(ServerProcess server) {
    return server
        .output()
        .lines()
        .filter(
            line -> line.contains(" WARN ") || line.contains(" ERROR ") || line.contains("\tat "))
        .toList();
  }
}
