package io.coterie;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * A POSIX shell into which commands are pasted, as into a terminal that stays open. Unlike there,
 * it ends with the first command that fails.
 */
final class Shell implements AutoCloseable {

  private static final String END = "--- end of what was pasted ---";
  private static final long PATIENCE_SECONDS = 120;

  private final Process process;
  private final Writer in;
  private final BufferedReader out;

  private Shell(Process process) {
    this.process = process;
    this.in = process.outputWriter(StandardCharsets.UTF_8);
    this.out = process.inputReader(StandardCharsets.UTF_8);
  }

  static Shell open(Path folder) {
    try {
      return new Shell(
          new ProcessBuilder("sh", "-eu")
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether there is such a command, and it does well. */
  static boolean has(String... command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Runs the commands; answers all that they print. */
  String paste(String commands) {
    StringBuffer printed = new StringBuffer();
    try {
      in.write(commands + "\nprintf '\\n%s\\n' '" + END + "'\n");
      in.flush();
      CompletableFuture.runAsync(() -> readInto(printed))
          .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
          .join();
      return printed.toString();
    } catch (IOException | CompletionException e) {
      throw new AssertionError(commands + "\nprinted:\n" + printed, e);
    }
  }

  private void readInto(StringBuffer printed) {
    try {
      for (String line = out.readLine(); !END.equals(line); line = out.readLine()) {
        if (line == null) {
          throw new IllegalStateException("the shell ended with " + process.waitFor());
        }
        printed.append(line).append('\n');
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
