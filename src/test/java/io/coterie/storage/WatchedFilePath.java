package io.coterie.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * Files of H2 under {@code watched:} that notice when they are written while a transaction may be
 * under way. Public for H2, which makes the paths.
 */
public final class WatchedFilePath extends FilePathWrapper {

  private static final AtomicLong WRITES = new AtomicLong();
  private static final List<Throwable> MISTIMED = new CopyOnWriteArrayList<>();
  private static volatile Database watched;

  /** Makes {@code watched:} known to H2. */
  public static void register() {
    FilePath.register(new WatchedFilePath());
  }

  /** From now on every write has to be one of this database's own; null to end that. */
  public static void watch(Database database) {
    watched = database;
  }

  /** How often a file was written while it was watched. */
  public static long writes() {
    return WRITES.get();
  }

  /** Where from it was written beside a transaction. */
  public static List<Throwable> mistimed() {
    return MISTIMED;
  }

  @Override
  public String getScheme() {
    return "watched";
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    return new WatchedFile(getBase().open(mode));
  }

  private static final class WatchedFile extends PassingFile {

    WatchedFile(FileChannel file) {
      super(file);
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
      Database database = watched;
      if (database != null) {
        WRITES.incrementAndGet();
        if (!database.isAlone()) {
          MISTIMED.add(new Throwable("written on thread " + Thread.currentThread().getName()));
        }
      }
      return super.write(source, position);
    }
  }
}
