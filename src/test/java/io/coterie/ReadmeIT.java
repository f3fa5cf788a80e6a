package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows, as printed but for the port, the token and the chat. */
class ReadmeIT {

  @TempDir Path folder;

  @Test
  void walk_asPrinted_streamsAReply() throws IOException, InterruptedException {
    assumeTrue(has("curl", "--version"), "curl is not installed: the README's walk is not tried");
    try (ServerProcess server = ServerProcess.serve(folder)) {
      String script = walk().replace("http://127.0.0.1:7070", "http://127.0.0.1:" + server.port());
      Path file = Files.writeString(folder.resolve("walk.sh"), script);
      Process shell =
          new ProcessBuilder("sh", "-eu", file.toString()).redirectErrorStream(true).start();
      String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(shell.exitValue()).as(output).isZero();
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
  void clients_asPrinted_getTheReply() throws IOException, InterruptedException {
    boolean ready =
        Files.isDirectory(Path.of("target/node/node_modules"))
            && has("node", "--experimental-websocket", "--version");
    if (!ready) {
      System.out.println(
          "SKIPPED: no Node with socket.io-client: the README's clients are not run");
    }
    assumeTrue(ready, "no Node with socket.io-client");
    try (ServerProcess server = ServerProcess.serve(folder)) {
      String token = server.login("ada@example.com");
      String chat = server.chat(token);
      server.answer(token, "POST", "/chat/message?wait=true", message(chat, "@calculator 2*21"));
      String setup =
          example("setup")
              .replace("http://127.0.0.1:7070", "http://127.0.0.1:" + server.port())
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

  private static String example(String name) throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    String mark = "<!-- client: " + name + " -->\n```js\n";
    int start = readme.indexOf(mark) + mark.length();
    assertThat(start).as(name).isGreaterThan(mark.length());
    String code = readme.substring(start, readme.indexOf("```", start));
    assertThat(code.lines().count()).as("lines of " + name).isLessThanOrEqualTo(10);
    return code;
  }

  private static String walk() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    int start = readme.indexOf("```sh\n", readme.indexOf("<!-- walk -->")) + "```sh\n".length();
    return readme.substring(start, readme.indexOf("```", start));
  }

  private static boolean has(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
