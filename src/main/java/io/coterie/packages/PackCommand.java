package io.coterie.packages;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * {@code pack DIR [OUT]} on the command line: checks a package's folder, and adds the package to
 * the registry in another. Needs no server, no settings and no data folder. Stateless.
 */
public final class PackCommand {

  private static final int OK = 0;
  private static final int FAILED = 1;
  private static final int BAD_USAGE = 2;
  private static final String NAME = "pack";
  private static final String DEFAULT_OUT = "registry";

  private PackCommand() {}

  /** Whether the program was started for this. */
  public static boolean isMeant(String[] args) {
    return args.length > 0 && args[0].equals(NAME);
  }

  /**
   * Does it, telling the outcome in a few lines, a mistake in one.
   *
   * @param args the whole command line
   * @return the exit code: 0, 1 where the folder is no package or cannot be read or written, 2
   *     where the command is no such
   */
  public static int run(String[] args, PrintStream out, PrintStream err) {
    if (args.length < 2 || args.length > 3 || args[1].startsWith("-") || args[1].isEmpty()) {
      err.println("usage: pack DIR [OUT]   (OUT is ./" + DEFAULT_OUT + " where none is given)");
      return BAD_USAGE;
    }
    try {
      return pack(Path.of(args[1]), Path.of(args.length > 2 ? args[2] : DEFAULT_OUT), out, err);
    } catch (InvalidPathException e) {
      err.println("not a path: " + e.getInput());
      return BAD_USAGE;
    } catch (FileSystemException e) {
      err.println(explained(e));
    } catch (IOException e) {
      err.println(e.getMessage());
    }
    return FAILED;
  }

  private static int pack(Path dir, Path out, PrintStream print, PrintStream err)
      throws IOException {
    if (!Files.isDirectory(dir)) {
      err.println(dir + " is no folder");
      return FAILED;
    }
    Path folder = dir.toRealPath();
    if (real(out).startsWith(folder)) {
      // The next package made of the folder would have the registry in it.
      err.println(out + " is inside " + dir + ": name a registry elsewhere, as in pack DIR OUT");
      return BAD_USAGE;
    }
    PackResult result = Packer.pack(folder, out);
    print.println("Packed " + result.name() + ":" + result.version());
    print.println("  " + result.archive());
    print.println("  sha256 " + result.sha256());
    print.println(
        "  listed in "
            + result.archive().resolveSibling(OwnRegistry.INDEX)
            + " and "
            + out.resolve(OwnRegistry.INDEX));
    print.println("A server finds it with registry.urls=" + address(out) + ",own:,bundled:");
    return OK;
  }

  private static String address(Path folder) {
    try {
      return new URI("file", folder.toString(), null).toString();
    } catch (URISyntaxException e) {
      return folder.toUri().toString();
    }
  }

  /** Where a path leads that need not be there yet. */
  private static Path real(Path path) throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    Path there = absolute;
    while (!Files.exists(there)) {
      there = there.getParent();
    }
    return there.toRealPath().resolve(there.relativize(absolute));
  }

  /** Those of the file system say which file, but most not what is wrong with it. */
  private static String explained(FileSystemException e) {
    if (e instanceof RegistryFolder.TakenException) {
      return e.getMessage();
    }
    String reason = e instanceof AccessDeniedException ? "not allowed" : e.getReason();
    return e.getFile() + ": " + (reason == null ? "cannot be read or written" : reason);
  }
}
