package io.coterie.endure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a process holds, as Linux tells it.
 *
 * @param rssMb resident memory in MB
 * @param descriptors open files and sockets
 */
record ProcessUse(long rssMb, long threads, long descriptors) {

  /** Now; all 0 where the process is no more. */
  static ProcessUse of(long pid) {
    Path proc = Path.of("/proc", Long.toString(pid));
    try (Stream<String> lines = Files.lines(proc.resolve("status"));
        Stream<Path> descriptors = Files.list(proc.resolve("fd"))) {
      long rss = 0;
      long threads = 0;
      for (String line : lines.toList()) {
        if (line.startsWith("VmRSS:")) {
          rss = number(line) / 1024;
        } else if (line.startsWith("Threads:")) {
          threads = number(line);
        }
      }
      return new ProcessUse(rss, threads, descriptors.count());
    } catch (IOException | UncheckedIOException e) {
      return new ProcessUse(0, 0, 0);
    }
  }

  private static long number(String line) {
    return Long.parseLong(line.replaceAll("\\D", ""));
  }

  @Override
  public String toString() {
    return "%d MB, %d threads, %d descriptors".formatted(rssMb, threads, descriptors);
  }
}
