package io.coterie.tools;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A program of this host that was started for its tools. It is given none of this server's own
 * environment but what programs need to run at all. When this server dies, the program's standard
 * input ends, which is its sign to go. Thread-safe.
 */
final class Program {

  /** What a program needs to find its files and to know its language; no secrets are named so. */
  static final Set<String> INHERITED =
      Set.of(
          "PATH",
          "HOME",
          "LANG",
          "LANGUAGE",
          "TMPDIR",
          "TZ",
          "USER",
          "LOGNAME",
          "SHELL",
          "TERM",
          // What stands for these on Windows.
          "APPDATA",
          "COMSPEC",
          "HOMEDRIVE",
          "HOMEPATH",
          "LOCALAPPDATA",
          "PATHEXT",
          "PROGRAMFILES",
          "SYSTEMDRIVE",
          "SYSTEMROOT",
          "TEMP",
          "TMP",
          "USERNAME",
          "USERPROFILE",
          "WINDIR");

  private final Process process;

  private Program(Process process) {
    this.process = process;
  }

  /**
   * @param who how the program is called in messages
   * @param folder where it runs
   */
  static Program start(List<String> command, Path folder, String who) throws ToolFailure {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> !isInherited(name));
    try {
      Files.createDirectories(folder);
      return new Program(builder.start());
    } catch (IOException | RuntimeException e) {
      // An empty command is an exception of the second kind.
      throw ToolFailure.of(who + " could not be started.", e);
    }
  }

  private static boolean isInherited(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    return INHERITED.contains(upper) || upper.startsWith("LC_");
  }

  OutputStream input() {
    return process.getOutputStream();
  }

  InputStream output() {
    return process.getInputStream();
  }

  InputStream errors() {
    return process.getErrorStream();
  }

  boolean isRunning() {
    return process.isAlive();
  }

  CompletableFuture<ProcessHandle> onExit() {
    return process.toHandle().onExit();
  }

  /** Ends it and all that it has started: politely, and after so long by force. */
  void stop(Duration patience) {
    // Who loses its parent can no longer be found, so this is asked first.
    List<ProcessHandle> family = family();
    // Not Process.destroy: it closes the streams, and waits for who is writing to them.
    family.forEach(ProcessHandle::destroy);
    if (!areGone(family, patience)) {
      family.forEach(ProcessHandle::destroyForcibly);
      family().forEach(ProcessHandle::destroyForcibly);
      areGone(family, patience);
    }
  }

  private List<ProcessHandle> family() {
    return Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
  }

  private static boolean areGone(List<ProcessHandle> family, Duration patience) {
    CompletableFuture<?>[] exits =
        family.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(exits).get(patience.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
