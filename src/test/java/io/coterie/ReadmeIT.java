package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The README's walk and the clients for live connections, as printed but for the port, the token
 * and the chat; the recipes are in {@link ReadmeAgentsIT} and {@link ReadmeRecipesIT}.
 */
class ReadmeIT {

  @TempDir Path folder;

  @Test
  void walk_asPrinted_streamsAReply() {
    assumeTrue(Shell.has("curl", "--version"), "curl is not installed");
    try (ServerProcess server = ServerProcess.serve(folder);
        Shell shell = Shell.open(folder)) {
      String output =
          shell.paste(Readme.marked("walk").replace("http://127.0.0.1:7070", server.url()));
      assertThat(output)
          .contains("User created successfully", "Agent added to Workspace.")
          .containsSubsequence(
              "event: feedback", "event: delta", "\"text\":\"12.5% of 80 = 10\"", "\"completed\"")
          .contains("model.default")
          .containsSubsequence("\"messages\":[", "12.5% of 80", "has_more");
    }
  }

  /** In one script, each example in its turn; the one that never ends is the last. */
  @Test
  void clients_asPrinted_getTheReply() throws IOException {
    boolean ready =
        Files.isDirectory(Path.of("target/node/node_modules"))
            && Shell.has("node", "--experimental-websocket", "--version");
    if (!ready) {
      System.out.println(
          "SKIPPED: no Node with socket.io-client: the clients of live-connections.md are not run");
    }
    assumeTrue(ready, "no Node with socket.io-client");
    try (ServerProcess server = ServerProcess.serve(folder)) {
      String token = server.login("ada@example.com");
      String chat = server.chat(token);
      server.answer(token, "POST", "/chat/message?wait=true", message(chat, "@calculator 2*21"));
      String setup =
          example("setup")
              .replace("http://127.0.0.1:7070", server.url())
              .replace("TOKEN = \"…\"", "TOKEN = \"" + token + "\"")
              .replace("CHAT = \"…\"", "CHAT = \"" + chat + "\"");
      for (String name : List.of("websocket", "socket.io", "sse", "polling")) {
        String output = run(setup + example(name).replace("\"6*7\"", "\"@calculator 6*7\""));
        assertThat(output).as(name).containsPattern("(?m)^\\d+ .*= 42$");
      }
    }
  }

  private static String message(String chat, String text) {
    return AppFixture.object("chat_id", chat, "message", text).toString();
  }

  /** Runs a script up to its first line. */
  private static String run(String script) throws IOException {
    Path file = Files.writeString(Path.of("target/node/example.mjs"), script);
    Process node =
        new ProcessBuilder("node", "--experimental-websocket", "--no-warnings", file.toString())
            .redirectErrorStream(true)
            .start();
    try (var lines = node.inputReader(StandardCharsets.UTF_8)) {
      return String.valueOf(lines.readLine());
    } finally {
      node.destroyForcibly();
    }
  }

  private static String example(String name) {
    String code = Readme.marked("client: " + name);
    assertThat(code.lines().count()).as("lines of " + name).isLessThanOrEqualTo(10);
    return code;
  }
}
