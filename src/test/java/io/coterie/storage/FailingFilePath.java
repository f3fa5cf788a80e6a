package io.coterie.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.h2.store.fs.FilePath;

/**
 * A disk for the database's file that refuses to be written, as a full one does; in the place of
 * the one that a {@link Database} uses, as long as it is there. Public for H2, which makes the
 * paths.
 */
public final class FailingFilePath extends SteadyFilePath {

  // H2 makes the paths by itself, so that what they share is static.
  private static volatile int allowed = Integer.MAX_VALUE;

  private static final AtomicInteger FAILED = new AtomicInteger();
  private static final SteadyFilePath REAL = new SteadyFilePath();

  /** Puts it in place, with a disk that works. */
  public static void install() {
    allowed = Integer.MAX_VALUE;
    SteadyFilePath.register();
    FilePath.register(new FailingFilePath());
  }

  /** Takes it out. */
  public static void remove() {
    FilePath.register(REAL);
  }

  /**
   * Lets writes fail from now on.
   *
   * @param after so many that still succeed
   */
  public static void fill(int after) {
    FAILED.set(0);
    allowed = after;
  }

  /** Lets writes succeed. */
  public static void free() {
    allowed = Integer.MAX_VALUE;
  }

  /** How many writes have failed since the disk was filled. */
  public static int failed() {
    return FAILED.get();
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    return new FailingFile(super.open(mode));
  }

  private static synchronized void checkRoom() throws IOException {
    if (allowed == Integer.MAX_VALUE) {
      return;
    }
    if (allowed == 0) {
      FAILED.incrementAndGet();
      throw new IOException("No space left on device");
    }
    allowed--;
  }

  private static final class FailingFile extends PassingFile {
    FailingFile(FileChannel file) {
      super(file);
    }

    /** As a disk that becomes full: the first half is written. */
    @Override
    public int write(ByteBuffer source, long position) throws IOException {
      try {
        checkRoom();
      } catch (IOException e) {
        ByteBuffer half = source.duplicate();
        half.limit(half.position() + half.remaining() / 2);
        if (position + half.remaining() > size()) {
          super.write(half, position);
        }
        throw e;
      }
      return super.write(source, position);
    }
  }
}
