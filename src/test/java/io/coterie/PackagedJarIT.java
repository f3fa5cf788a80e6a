package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.config.Config;
import io.coterie.model.ScriptedProvider;
import io.coterie.model.WireFormat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar, from outside. */
class PackagedJarIT {

  @TempDir Path folder;

  @Test
  void serve_socketAndMessage_streamsReply() {
    try (ServerProcess server = ServerProcess.serve(folder)) {
      String token = server.login("ada@example.com");
      String chat = server.chat(token);
      try (ChatClient client = server.connect(token, chat, null)) {
        client.message("@echo hello", messageString(server, token, chat));
        client.awaitRun("completed");
        assertThat(client.await("message").path("data").path("content").asText())
            .isEqualTo("hello");
      }
    }
  }

  @Test
  void serve_writes_onlyDataFolder() throws IOException {
    try (ServerProcess server = ServerProcess.serve(folder)) {
      server.login("ada@example.com");
      server.terminate();
      server.awaitExit();
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly("data");
    }
    assertThat(Files.getPosixFilePermissions(folder.resolve("data/jwt.secret")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void terminate_replyInProgress_interruptsItAndClosesSocketsWith1001() {
    try (ScriptedProvider provider = ScriptedProvider.start()) {
      provider.then(
          line ->
              line.open(WireFormat.OPENAI).send(WireFormat.OPENAI.text("Once upon")).awaitHangUp());
      try (ServerProcess server = ServerProcess.serve(folder, withModel(provider))) {
        String token = server.login("ada@example.com");
        String chat = server.chat(token);
        try (ChatClient client = server.connect(token, chat, null)) {
          client.message("Tell me a story", messageString(server, token, chat));
          client.await("delta");
          server.terminate();
          client.awaitRun("interrupted");
          assertThat(client.await("message").path("data").path("content").asText())
              .isEqualTo("Once upon");
          assertThat(client.awaitClose()).isEqualTo(1001);
        }
        assertThat(server.awaitExit()).isZero();
        assertThat(server.output()).doesNotContain("Exception");
      }
    }
  }

  @Test
  void kill_runningAndQueued_interruptsTheOneAndGoesOnWithTheOther() {
    try (ScriptedProvider provider = ScriptedProvider.start()) {
      provider.then(
          line ->
              line.open(WireFormat.OPENAI).send(WireFormat.OPENAI.text("Once upon")).awaitHangUp());
      List<String> acknowledged = new ArrayList<>();
      String token;
      String chat;
      try (ServerProcess server = ServerProcess.serve(folder, withModel(provider))) {
        token = server.login("ada@example.com");
        chat = server.chat(token);
        try (ChatClient client = server.connect(token, chat, null)) {
          acknowledged.add(post(server, token, chat, "Tell me a story"));
          client.await("delta");
          acknowledged.add(post(server, token, chat, "@echo and then"));
          server.kill();
        }
      }
      try (ServerProcess server = ServerProcess.serve(folder, withModel(provider));
          ChatClient client = server.connect(token, chat, 0L)) {
        client.awaitRun("interrupted");
        client.awaitRun("completed");
        assertThat(seqs(client.received())).isEqualTo(fromOne(seqs(client.received()).size()));
        JsonNode messages = server.send(token, "GET", "/chat/messages?chat_id=" + chat, "");
        assertThat(messages.path("messages").findValuesAsText("message_id"))
            .containsAll(acknowledged);
        assertThat(messages.path("messages").findValuesAsText("content"))
            .startsWith("Tell me a story")
            .endsWith("and then");
        assertThat(server.send(token, "GET", "/chat?chat_id=" + chat, "").path("busy").asBoolean())
            .isFalse();
      }
    }
  }

  @Test
  void start_mistakes_exitsWith2AndALineEach() {
    try (ServerProcess server =
        ServerProcess.run(folder, Map.of(), "--server.prot=1", "--auth.token.ttl=soon")) {
      assertThat(server.awaitExit()).isEqualTo(2);
      assertThat(server.output().lines().toList()).hasSize(2);
      assertThat(server.output()).contains("server.prot").contains("auth.token.ttl");
    }
  }

  @Test
  void start_portTaken_saysSoInOneLine() {
    try (ServerProcess first = ServerProcess.serve(folder)) {
      try (ServerProcess second =
          ServerProcess.run(
              folder, Map.of(), "--server.port=" + first.port(), "--data.dir=other")) {
        assertThat(second.awaitExit()).isEqualTo(1);
        assertThat(second.output().lines().toList()).hasSize(1);
        assertThat(second.output()).contains("Port " + first.port());
      }
    }
  }

  @Test
  void start_dataInUse_saysSoInOneLine() {
    try (ServerProcess first = ServerProcess.serve(folder)) {
      assertThat(first.port()).isPositive();
      try (ServerProcess second = ServerProcess.run(folder, Map.of(), "--server.port=0")) {
        assertThat(second.awaitExit()).isEqualTo(1);
        assertThat(second.output().lines().toList()).hasSize(1);
        assertThat(second.output()).contains("in use by another process");
      }
    }
  }

  @Test
  void start_brokenDatabase_saysSoInOneLine() throws IOException {
    Files.createDirectory(folder.resolve("data"));
    Files.writeString(folder.resolve("data/coterie.mv.db"), "no database".repeat(10_000));
    try (ServerProcess server = ServerProcess.run(folder, Map.of(), "--server.port=0")) {
      assertThat(server.awaitExit()).isEqualTo(1);
      assertThat(server.output().lines().toList()).hasSize(1);
      assertThat(server.output()).contains("cannot be used");
    }
  }

  @Test
  void terminate_openStream_endsIt() throws IOException {
    try (ServerProcess server = ServerProcess.serve(folder)) {
      String token = server.login("ada@example.com");
      String chat = server.chat(token);
      try (Socket stream = new Socket("127.0.0.1", server.port())) {
        String request =
            "GET /chat/events?chat_id=%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n";
        stream
            .getOutputStream()
            .write(request.formatted(chat, token).getBytes(StandardCharsets.UTF_8));
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(stream.getInputStream(), StandardCharsets.UTF_8));
        assertThat(lines.lines().anyMatch("event: ready"::equals)).isTrue();
        server.terminate();
        assertThat(lines.lines().noneMatch(line -> line.startsWith("event:"))).isTrue();
        assertThat(server.awaitExit()).isZero();
      }
    }
  }

  @Test
  void help_printsEverySetting() {
    try (ServerProcess help = ServerProcess.run(folder, Map.of(), "--help")) {
      assertThat(help.awaitExit()).isZero();
      assertThat(help.output()).isEqualTo(Config.help().stripTrailing());
    }
  }

  private static String[] withModel(ScriptedProvider provider) {
    return new String[] {
      "provider.scripted.type=openai",
      "provider.scripted.base-url=" + provider.baseUrl(),
      "provider.scripted.api-key=" + ScriptedProvider.KEY,
      "model.default=scripted/story",
      "server.stop-timeout=1s"
    };
  }

  private static String messageString(ServerProcess server, String token, String chat) {
    return server
        .send(token, "GET", "/chat/authorize/message?chat_id=" + chat, "")
        .path("message_string")
        .asText();
  }

  private static String post(ServerProcess server, String token, String chat, String text) {
    String body = AppFixture.object("chat_id", chat, "message", text).toString();
    return server.send(token, "POST", "/chat/message", body).path("message_id").asText();
  }

  private static List<Long> seqs(List<JsonNode> events) {
    return events.stream().filter(e -> e.has("seq")).map(e -> e.path("seq").asLong()).toList();
  }

  private static List<Long> fromOne(int count) {
    List<Long> numbers = new ArrayList<>();
    for (long i = 1; i <= count; i++) {
      numbers.add(i);
    }
    return numbers;
  }
}
