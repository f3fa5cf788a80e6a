package io.coterie.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The lock that H2 takes on a database's file: who holds it knows that no server uses the database,
 * and that none begins to. Stateless.
 */
final class DatabaseLock {

  /** Somebody else holds it. */
  static final class InUseException extends IOException {
    private static final long serialVersionUID = 1L;

    InUseException(Path file) {
      super("a server runs on " + file + "; stop it first");
    }
  }

  /** The lock, held until it is closed. */
  static final class Held implements AutoCloseable {
    private final FileChannel file; // null where there is no file

    private Held(FileChannel file) {
      this.file = file;
    }

    /** Writes the whole file. */
    void copyTo(OutputStream out) throws IOException {
      file.position(0);
      Channels.newInputStream(file).transferTo(out);
    }

    @Override
    public void close() throws IOException {
      if (file != null) {
        file.close();
      }
    }
  }

  private final Path file;

  DatabaseLock(Path file) {
    this.file = file;
  }

  Path file() {
    return file;
  }

  /** Takes it; null where somebody else has it. */
  Held take() throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    Held held = null;
    try {
      FileLock lock = channel.tryLock();
      held = lock == null ? null : new Held(channel);
    } catch (OverlappingFileLockException e) {
      held = null;
    } finally {
      if (held == null) {
        channel.close();
      }
    }
    return held;
  }

  /** As {@link #take}; where there is no file, nobody has it. */
  Held takeIfThere() throws IOException {
    return Files.exists(file) ? take() : new Held(null);
  }

  boolean isTaken() {
    try (Held held = take()) {
      return held == null;
    } catch (IOException e) {
      return false;
    }
  }
}
