package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.http.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL while packages are published and installed. */
class PackageCrashIT {

  private static final int ROUNDS = 4;
  private static final int BEFORE_THE_KILL = 12;

  @TempDir Path folder;

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void kill_whilePublishingAndInstalling_losesAndBreaksNothing() throws Exception {
    Set<String> published = new ConcurrentSkipListSet<>();
    Set<String> installed = new ConcurrentSkipListSet<>();
    String token = null;
    for (int round = 0; round <= ROUNDS; round++) {
      try (ServerProcess server = ServerProcess.serve(folder)) {
        token = token == null ? server.login("ada@example.com") : token;
        check(server, token, published, installed);
        if (round < ROUNDS) {
          work(server, token, "r" + round + "-", published, installed);
        }
      }
    }
    assertThat(installed).hasSizeGreaterThanOrEqualTo(ROUNDS * (BEFORE_THE_KILL - 1));
  }

  /** Two publish and install until the server is gone. */
  private void work(
      ServerProcess server,
      String token,
      String prefix,
      Set<String> published,
      Set<String> installed)
      throws InterruptedException {
    CountDownLatch enough = new CountDownLatch(BEFORE_THE_KILL);
    Thread[] workers = new Thread[2];
    for (int i = 0; i < workers.length; i++) {
      String mine = prefix + i + "-";
      workers[i] =
          new Thread(
              () -> {
                try {
                  for (int n = 0; ; n++) {
                    publish(server, token, mine + n);
                    published.add(mine + n);
                    server.send(token, "GET", "/agent/download?query=" + mine + n, "");
                    installed.add(mine + n);
                    enough.countDown();
                  }
                } catch (IOException | UncheckedIOException e) {
                  // Killed, as it was to be.
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      workers[i].start();
    }
    boolean inTime = enough.await(60, TimeUnit.SECONDS);
    server.kill();
    for (Thread worker : workers) {
      worker.join();
    }
    assertThat(inTime).isTrue();
  }

  private void publish(ServerProcess server, String token, String name)
      throws IOException, InterruptedException {
    HttpRequest put =
        HttpRequest.newBuilder(URI.create(server.url() + "/registry/" + name + "/1.0.0"))
            .header("Authorization", "Bearer " + token)
            .PUT(BodyPublishers.ofByteArray(zip(name)))
            .build();
    HttpResponse<String> answer = http.send(put, BodyHandlers.ofString());
    assertThat(answer.body()).isEqualTo("{\"msg\":\"Package published\"}");
  }

  /** What was answered for is there, and what is there is whole. */
  private void check(
      ServerProcess server, String token, Set<String> published, Set<String> installed)
      throws Exception {
    Set<String> agents = new TreeSet<>();
    for (JsonNode agent : server.send(token, "GET", "/agent", "").path("agents")) {
      if (agent.path("source").asText().equals("package")) {
        assertThat(agent.path("version").asText()).isEqualTo("1.0.0");
        assertThat(agent.path("description").asText()).isNotBlank();
        agents.add(agent.path("agent_id").asText());
      }
    }
    assertThat(agents).containsAll(installed);
    JsonNode list = server.send(null, "GET", "/registry/index.json", "");
    assertThat(list.path("packages").findValuesAsText("name")).containsAll(published);
    Path registry = folder.resolve("data/registry");
    if (Files.notExists(registry)) {
      return;
    }
    try (Stream<Path> folders = Files.list(registry).filter(Files::isDirectory)) {
      for (Path one : folders.toList()) {
        String name = one.getFileName().toString();
        Path index = one.resolve("index.json");
        if (Files.exists(index)) {
          JsonNode entry = Json.MAPPER.readTree(index.toFile()).path("versions").path(0);
          byte[] archive = Files.readAllBytes(one.resolve(entry.path("file").asText()));
          assertThat(sha256(archive)).isEqualTo(entry.path("sha256").asText());
        }
        publish(server, token, name); // also what was not answered for, and may be half there
        published.add(name);
      }
    }
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static byte[] zip(String name) {
    String manifest =
        "{\"agent_id\":\"%s\",\"version\":\"1.0.0\",\"name\":\"N\",\"description\":\"D\",\"kind\":\"llm\",\"instructions\":\"%s\"}"
            .formatted(name, "Do. ".repeat(10_000));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      ZipEntry entry = new ZipEntry("agent.json");
      entry.setTime(0);
      zip.putNextEntry(entry);
      zip.write(manifest.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
