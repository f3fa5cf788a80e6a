package io.coterie.storage;

import io.coterie.model.Gate;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePathWrapper;

/** A disk for H2, {@code gated:PATH}, whose writes can be held back. */
public final class GatedFilePath extends FilePathWrapper {

  private static volatile Gate gate = open();

  /** Lets every write wait for this gate. */
  public static void holdBack(Gate until) {
    gate = until;
  }

  private static Gate open() {
    Gate gate = new Gate();
    gate.open();
    return gate;
  }

  @Override
  public String getScheme() {
    return "gated";
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    FileChannel file = super.open(mode);
    return new FileBaseDefault() {
      @Override
      public long size() throws IOException {
        return file.size();
      }

      @Override
      protected void implTruncate(long size) throws IOException {
        file.truncate(size);
      }

      @Override
      public int read(ByteBuffer target, long position) throws IOException {
        return file.read(target, position);
      }

      @Override
      public int write(ByteBuffer source, long position) throws IOException {
        gate.await();
        return file.write(source, position);
      }

      @Override
      public void force(boolean metaData) throws IOException {
        file.force(metaData);
      }

      @Override
      protected void implCloseChannel() throws IOException {
        file.close();
      }

      @Override
      public java.nio.channels.FileLock tryLock(long position, long size, boolean shared)
          throws IOException {
        return file.tryLock(position, size, shared);
      }
    };
  }
}
