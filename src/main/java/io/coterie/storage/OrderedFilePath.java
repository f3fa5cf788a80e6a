package io.coterie.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * Files of H2 under {@code ordered:}, whose writes reach the disk in the order in which they were
 * made, so that a power loss leaves what the death of the process would. A disk that writes as it
 * likes could else leave the end of what H2 wrote last without its middle; H2 looks at both ends
 * only, and would take it for whole. Blocks of 4096 bytes, as H2 aligns its writes, are assumed to
 * be written whole or not at all. Public for H2, which makes the paths; thread-safe as H2 uses it.
 */
public final class OrderedFilePath extends FilePathWrapper {

  static final String SCHEME = "ordered";

  private static final int BLOCK = 4096;
  private static final int HEADERS = 2 * BLOCK;

  /** Makes the scheme known to H2. */
  static void register() {
    FilePath.register(new OrderedFilePath());
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    return new OrderedFile(getBase().open(mode));
  }

  private static final class OrderedFile extends PassingFile {
    private volatile boolean unforced;

    OrderedFile(FileChannel file) {
      super(file);
    }

    /** The last block is what makes a write valid, so it comes last. */
    @Override
    public int write(ByteBuffer source, long position) throws IOException {
      int length = source.remaining();
      if (length <= BLOCK && position < HEADERS) {
        // One block of the header may come early: the other one names what is whole.
        writeAll(source, position);
        unforced = true;
        return length;
      }
      int before = Math.max(0, length - BLOCK);
      if (before > 0) {
        append(source.slice(source.position(), before), position);
      }
      append(source.slice(source.position() + before, length - before), position + before);
      source.position(source.limit());
      return length;
    }

    private void append(ByteBuffer source, long position) throws IOException {
      order();
      writeAll(source, position);
      unforced = true;
    }

    @Override
    protected void implTruncate(long size) throws IOException {
      order();
      super.implTruncate(size);
      unforced = true;
    }

    private void order() throws IOException {
      if (unforced) {
        force(true);
      }
    }

    @Override
    public void force(boolean metaData) throws IOException {
      // Before, so that what is written meanwhile counts as unforced.
      unforced = false;
      boolean done = false;
      try {
        super.force(metaData);
        done = true;
      } finally {
        if (!done) {
          unforced = true;
        }
      }
    }
  }
}
