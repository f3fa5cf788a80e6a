package io.coterie.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongSupplier;

/**
 * Whether a disk has the room that must be left on it, so that what is begun can also be ended.
 * Thread-safe.
 */
final class FreeSpace {

  /** For what is kept on no disk. */
  static final FreeSpace ENDLESS = new FreeSpace(null, 0, () -> Long.MAX_VALUE);

  private static final int PIECE = 1 << 16;

  private final Path probe; // null for none
  private final long least;
  private final LongSupplier usable;

  private FreeSpace(Path probe, long least, LongSupplier usable) {
    this.probe = probe;
    this.least = least;
    this.usable = usable;
  }

  /**
   * On the disk that holds the file.
   *
   * @param least in bytes
   */
  static FreeSpace beside(Path file, long least) {
    Path folder = file.toAbsolutePath().getParent();
    return new FreeSpace(
        folder.resolve("." + file.getFileName() + ".probe"),
        least,
        folder.toFile()::getUsableSpace);
  }

  /** In bytes. */
  long usable() {
    return usable.getAsLong();
  }

  /** In bytes. */
  long least() {
    return least;
  }

  /** Whether the system says so; cheap. */
  boolean isEnough() {
    return usable() >= least;
  }

  /** Whether as much can really be written; a quota, say, leaves less than the disk has. */
  boolean canBeWritten() {
    if (probe == null) {
      return true;
    }
    try {
      try (FileChannel file =
          FileChannel.open(
              probe,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer piece = ByteBuffer.allocate(PIECE);
        for (long at = 0; at < least; at += piece.limit()) {
          piece.position(0).limit((int) Math.min(PIECE, least - at));
          while (piece.hasRemaining()) {
            file.write(piece);
          }
        }
        file.force(true);
      } finally {
        Files.deleteIfExists(probe);
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
