package io.coterie;

import io.coterie.config.Config;
import io.coterie.config.ConfigException;
import io.coterie.storage.DataFiles;
import io.coterie.storage.Database;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipException;

/**
 * {@code backup FILE}, {@code restore FILE}, {@code export FILE} and {@code import FILE} on the
 * command line: the server's data as one file, and back. The settings say where the data is.
 * Stateless.
 */
final class DataCommand {

  private static final int OK = 0;
  private static final int FAILED = 1;
  private static final int BAD_USAGE = 2;
  private static final List<String> NAMES = List.of("backup", "restore", "export", "import");

  private DataCommand() {}

  /** Whether the program was started for this. */
  static boolean isMeant(String[] args) {
    return args.length > 0 && NAMES.contains(args[0]);
  }

  /**
   * Does it, telling the outcome in one line.
   *
   * @param args the whole command line
   * @param directory what paths are relative to
   * @return the exit code: 0, 1 where it cannot be done, 2 where the command is no such
   */
  static int run(
      String[] args,
      Map<String, String> environment,
      Path directory,
      PrintStream out,
      PrintStream err) {
    String name = args[0];
    boolean named = args.length > 1 && !args[1].startsWith("--") && !args[1].isEmpty();
    if (!named || !Arrays.stream(args).skip(2).allMatch(arg -> arg.startsWith("--"))) {
      err.println("usage: " + name + " FILE [--data.dir=DIR] [--KEY=VALUE ...]");
      return BAD_USAGE;
    }
    try {
      String[] settings = Arrays.copyOfRange(args, 2, args.length);
      Config config = Config.load(settings, environment, directory);
      Path file = directory.toAbsolutePath().resolve(args[1]);
      out.println(run(name, files(config), file));
      return OK;
    } catch (ConfigException e) {
      e.mistakes().forEach(err::println);
      return BAD_USAGE;
    } catch (InvalidPathException e) {
      err.println("not a path: " + e.getInput());
      return BAD_USAGE;
    } catch (IOException e) {
      err.println("Cannot " + name + ": " + explained(e, args[1]));
      return FAILED;
    }
  }

  private static String run(String name, DataFiles files, Path file) throws IOException {
    switch (name) {
      case "backup" -> {
        files.backup(file);
        return "Backup written to " + file;
      }
      case "restore" -> {
        return "Restored from " + file + kept(files.restore(file));
      }
      case "export" -> {
        files.exportScript(file);
        return "Database exported to " + file;
      }
      default -> {
        return "Database imported from " + file + kept(files.importScript(file));
      }
    }
  }

  private static String kept(Optional<Path> before) {
    return before.map(folder -> "; what was there before is in " + folder).orElse("");
  }

  private static DataFiles files(Config config) throws IOException {
    Path database =
        Database.fileOf(config.database().url())
            .orElseThrow(() -> new IOException("database.url names no plain file"));
    return new DataFiles(config.dataDir(), database);
  }

  private static String explained(IOException e, String file) {
    if (e instanceof ZipException) {
      return file + " is no backup, or damaged: " + e.getMessage();
    }
    if (e instanceof FileSystemException failed) {
      String reason = failed.getReason();
      if (e instanceof AccessDeniedException) {
        reason = "not allowed";
      } else if (e instanceof NoSuchFileException) {
        reason = "is not there";
      }
      return failed.getFile() + ": " + (reason == null ? "cannot be read or written" : reason);
    }
    return e.getMessage() == null ? file + " cannot be read or written" : e.getMessage();
  }
}
