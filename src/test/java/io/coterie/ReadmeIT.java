package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's walk with curl, as printed but for the port. */
class ReadmeIT {

  @TempDir Path folder;

  @Test
  void walk_asPrinted_streamsAReply() throws IOException, InterruptedException {
    assumeTrue(has("curl"), "curl is not installed: the README's walk is not tried");
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

  private static String walk() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    int start = readme.indexOf("```sh\n", readme.indexOf("<!-- walk -->")) + "```sh\n".length();
    return readme.substring(start, readme.indexOf("```", start));
  }

  private static boolean has(String program) throws InterruptedException {
    try {
      return new ProcessBuilder(program, "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
