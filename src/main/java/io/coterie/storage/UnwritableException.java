package io.coterie.storage;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** A disk is full, over a quota, or must not be written; the message says which. */
public final class UnwritableException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Below so many free bytes a failure to write is one for want of room. */
  private static final long NO_ROOM = 1 << 20;

  /** Java has no exceptions for these. */
  private static final Pattern FULL = Pattern.compile("(?i)no space left|quota exceeded");

  private static final Pattern READ_ONLY = Pattern.compile("(?i)read-only file system");

  private UnwritableException(String message, IOException cause) {
    super(message, cause);
  }

  /**
   * What a failure to write into a folder is: this, or what it was.
   *
   * @param folder which may be a disk of its own, and may be missing
   */
  public static IOException explained(IOException e, Path folder) {
    String said = String.valueOf(e.getMessage());
    boolean isThere = Files.isDirectory(folder);
    if (FULL.matcher(said).find() || isThere && folder.toFile().getUsableSpace() < NO_ROOM) {
      return new UnwritableException("there is not enough room on the disk", e);
    }
    boolean denied = e instanceof AccessDeniedException || READ_ONLY.matcher(said).find();
    return denied || isThere && !Files.isWritable(folder)
        ? new UnwritableException("the disk cannot be written", e)
        : e;
  }
}
