package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How often a server wakes up that nobody uses, started as {@code run.sh} starts it. */
class AtRestIT {

  private static final long SECONDS = 12;

  /** The kernel counts what the process itself decides; a loaded machine only makes it later. */
  private static final double PER_SECOND = 10;

  private static final Pattern FLAGS = Pattern.compile("(?m)^flags=\"([^\"$]+)\"$");
  private static final Pattern SWITCHES =
      Pattern.compile("(?m)^voluntary_ctxt_switches:\\s+(\\d+)$");

  @TempDir Path folder;

  /** What a thread is called, and how often it has waited for something. */
  private record Waits(String thread, long count) {}

  @Test
  void processAtRest_wakesUpTenTimesASecondAtMost() throws IOException {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/task")), "only Linux tells");
    Matcher flags = FLAGS.matcher(Files.readString(Path.of("run.sh")));
    assertThat(flags.find()).isTrue();
    try (ServerProcess server =
        ServerProcess.serveWith(List.of(flags.group(1).split(" ")), folder)) {
      String token = server.login("ada@example.com");
      String chat = server.chat(token);
      try (ChatClient client = server.connect(token, chat, null)) {
        client.await("ready");
      }
      // What was used just now is tidied up and given back.
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(35));
      Map<String, Waits> before = waits(server.pid());
      long begin = System.nanoTime();
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(SECONDS));
      Map<String, Waits> after = waits(server.pid());
      double seconds = (System.nanoTime() - begin) / 1e9;

      Map<String, Long> byThread = new TreeMap<>();
      after.forEach(
          (task, waits) -> {
            Waits earlier = before.get(task);
            long count = waits.count() - (earlier == null ? 0 : earlier.count());
            if (count > 0) {
              byThread.merge(waits.thread(), count, Long::sum);
            }
          });
      double rate = byThread.values().stream().mapToLong(Long::longValue).sum() / seconds;
      System.out.printf("at rest: %.1f wake-ups a second, %s%n", rate, byThread);
      assertThat(rate).as(byThread.toString()).isLessThanOrEqualTo(PER_SECOND);
    }
  }

  /** By the number of the thread. */
  private static Map<String, Waits> waits(long pid) throws IOException {
    Map<String, Waits> waits = new HashMap<>();
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
      for (Path task : tasks.toList()) {
        String status = status(task);
        Matcher switches = SWITCHES.matcher(status);
        if (switches.find()) {
          String name = status.lines().findFirst().orElse("").replaceFirst("^Name:\\s+", "");
          waits.put(
              task.getFileName().toString(), new Waits(name, Long.parseLong(switches.group(1))));
        }
      }
    }
    return waits;
  }

  private static String status(Path task) {
    try {
      return Files.readString(task.resolve("status"));
    } catch (IOException e) {
      return ""; // It has ended meanwhile.
    }
  }
}
