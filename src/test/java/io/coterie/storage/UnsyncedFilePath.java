package io.coterie.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * Files of H2 under {@code unsynced:}, each with a {@link VolatileDisk} that knows what a power
 * loss would leave of it. Public for H2, which makes the paths.
 */
public final class UnsyncedFilePath extends FilePathWrapper {

  // H2 keeps its file systems in a static table, and makes paths of them by itself.
  private static final Map<String, VolatileDisk> DISKS = new ConcurrentHashMap<>();

  static {
    FilePath.register(new UnsyncedFilePath());
  }

  /** The disk under that path, which begins with {@code unsynced:}. */
  static VolatileDisk disk(String path) {
    return DISKS.computeIfAbsent(FilePath.get(path).toRealPath().name, name -> new VolatileDisk());
  }

  /** Makes {@code unsynced:} known to H2. */
  static void register() {
    // The static block did.
  }

  @Override
  public String getScheme() {
    return "unsynced";
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    return new UnsyncedFile(getBase().open(mode), disk(name));
  }

  private static final class UnsyncedFile extends PassingFile {
    private final VolatileDisk disk;

    UnsyncedFile(FileChannel file, VolatileDisk disk) {
      super(file);
      this.disk = disk;
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
      byte[] bytes = new byte[source.remaining()];
      source.duplicate().get(bytes);
      disk.write(position, bytes);
      writeAll(source, position);
      return bytes.length;
    }

    @Override
    protected void implTruncate(long size) throws IOException {
      disk.truncate(size);
      super.implTruncate(size);
    }

    @Override
    public void force(boolean metaData) {
      disk.force();
    }
  }
}
