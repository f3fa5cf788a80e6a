package io.coterie;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The one folder that the server writes to. */
final class DataFolder {

  private DataFolder() {}

  /**
   * Makes it where it is missing.
   *
   * @throws StartException where it cannot be made or written to
   */
  static void make(Path folder) {
    try {
      if (!Files.isDirectory(folder)) {
        makeForOwner(folder);
      }
    } catch (IOException e) {
      throw unusable(folder, e);
    }
    if (!Files.isWritable(folder)) {
      throw unusable(folder, null);
    }
  }

  /** What is kept there is nobody else's to read. */
  private static void makeForOwner(Path folder) throws IOException {
    Path parent = folder.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    if (posix) {
      Files.createDirectory(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } else {
      Files.createDirectory(folder);
    }
  }

  private static StartException unusable(Path folder, Exception cause) {
    return new StartException("The data folder " + folder + " cannot be made or written to", cause);
  }
}
