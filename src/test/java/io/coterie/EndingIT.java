package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the process ends that is told to. */
class EndingIT {

  @TempDir Path folder;

  @Test
  void term_ofAServerThatRuns_endsWith0() {
    try (ServerProcess server = ServerProcess.serve(folder)) {
      server.terminate();
      assertThat(server.awaitExit()).as(server.output()).isZero();
    }
  }

  @Test
  void interrupt_ofAServerThatRuns_endsWith0() {
    // A shell in the background ignores the signal, and so would what it starts.
    List<String> foreground = List.of("env", "--default-signal=INT");
    try (ServerProcess server =
        ServerProcess.run(foreground, folder, Map.of(), "--server.port=0")) {
      server.port();
      assertThat(Shell.has("kill", "-INT", "" + server.pid())).isTrue();
      assertThat(server.awaitExit()).as(server.output()).isZero();
    }
  }

  /** From the moment at which the program itself has begun. */
  @Test
  void term_ofAServerThatStarts_endsWith0AndItStartsAgain() {
    for (int millis = 600; millis < 3_000; millis += 400) {
      try (ServerProcess server = ServerProcess.run(folder, Map.of(), "--server.port=0")) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
        boolean begun = folder.resolve("data").toFile().exists();
        server.terminate();
        int status = server.awaitExit();
        if (begun) {
          assertThat(status).as(server.output()).isZero();
        }
      }
    }
    try (ServerProcess server = ServerProcess.serve(folder)) {
      assertThat(server.login("ada@example.com")).isNotEmpty();
    }
  }

  @Test
  void start_thatFails_endsWithItsOwnStatus() {
    try (ServerProcess first = ServerProcess.serve(folder);
        ServerProcess second = ServerProcess.run(folder, Map.of(), "--server.port=0");
        ServerProcess third = ServerProcess.run(folder, Map.of(), "--server.port=x")) {
      assertThat(second.awaitExit()).as(second.output()).isEqualTo(1);
      assertThat(second.output()).hasLineCount(1);
      assertThat(third.awaitExit()).as(third.output()).isEqualTo(2);
      first.terminate();
      assertThat(first.awaitExit()).isZero();
    }
  }
}
