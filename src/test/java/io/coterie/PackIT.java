package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder becomes a package and a registry, which servers install from. */
class PackIT {

  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    Path agent = Files.createDirectories(folder.resolve("my-agent"));
    Files.writeString(
        agent.resolve("agent.json"),
        """
        {"agent_id":"poet","version":"1.0.0","name":"Poet","description":"Writes verse.","kind":"llm",
         "instructions_file":"instructions.md"}
        """);
    Files.writeString(agent.resolve("instructions.md"), "Write verse.");
  }

  @Test
  void pack_folder_makesARegistryForFilesAndForTheWeb() throws IOException {
    try (ServerProcess pack = ServerProcess.run(folder, Map.of(), "pack", "my-agent")) {
      assertThat(pack.awaitExit()).isZero();
      assertThat(pack.output())
          .contains(
              "Packed poet:1.0.0",
              "registry/poet/poet-1.0.0.zip",
              "sha256 ",
              "registry/poet/index.json",
              "registry.urls=file:registry,own:,bundled:");
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("my-agent", "registry");
    }
    installs("file:registry,bundled:");
    HttpServer web =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.createContext("/", exchange -> serve(exchange, folder.resolve("registry")));
    web.start();
    try {
      installs("http://127.0.0.1:" + web.getAddress().getPort() + "/,bundled:");
    } finally {
      web.stop(0);
    }
  }

  /** As any web server does for a folder. */
  private static void serve(HttpExchange exchange, Path registry) throws IOException {
    try (exchange) {
      Path file = registry.resolve(exchange.getRequestURI().getPath().substring(1));
      boolean there = Files.isRegularFile(file);
      exchange.sendResponseHeaders(there ? 200 : 404, there ? Files.size(file) : -1);
      if (there) {
        Files.copy(file, exchange.getResponseBody());
      }
    }
  }

  private void installs(String urls) {
    String data = "data.dir=data-" + urls.substring(0, 4);
    try (ServerProcess server = ServerProcess.serve(folder, "registry.urls=" + urls, data)) {
      String token = server.login("ada@example.com");
      assertThat(server.send(token, "GET", "/agent/download?query=poet", "").textValue())
          .isEqualTo("Successfully installed poet:1.0.0");
      assertThat(server.send(token, "GET", "/agent/poet", "").path("name").asText())
          .isEqualTo("Poet");
      assertThat(
              server.send(token, "GET", "/agent/search?query=verse", "").findValuesAsText("name"))
          .containsExactly("poet");
      assertThat(server.send(token, "GET", "/agent/download?query=translator", "").textValue())
          .startsWith("Successfully installed translator:");
    }
  }

  @Test
  void pack_mistakes_areOneLineAndAnExitCode() throws IOException {
    Files.writeString(folder.resolve("my-agent/agent.json"), "{\"agent_id\":\"Poet\"}");
    try (ServerProcess pack = ServerProcess.run(folder, Map.of(), "pack", "my-agent", "out")) {
      assertThat(pack.awaitExit()).isEqualTo(1);
      assertThat(pack.output()).startsWith("my-agent: in agent.json, agent_id must be");
      assertThat(pack.output().lines()).hasSize(1);
    }
    try (ServerProcess pack = ServerProcess.run(folder, Map.of(), "pack")) {
      assertThat(pack.awaitExit()).isEqualTo(2);
      assertThat(pack.output()).startsWith("usage: pack DIR [OUT]");
    }
    assertThat(folder.resolve("out")).doesNotExist();
    assertThat(folder.resolve("data")).doesNotExist();
  }
}
