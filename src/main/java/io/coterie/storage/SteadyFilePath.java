package io.coterie.storage;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * Files of H2 under {@code steady:PATH}, which stay open when a thread is interrupted that reads or
 * writes them. Those that H2 uses by itself are closed then, for everybody. The same file is also
 * {@code steady:NUMBER:PATH}: H2 keeps its open databases by their names, and whoever comes upon
 * one that is lost closes what has that name by then. Public for H2, which makes the paths;
 * thread-safe.
 */
public class SteadyFilePath extends FilePathWrapper {

  static final String SCHEME = "steady";

  private static final Pattern PREFIX = Pattern.compile(SCHEME + ":([0-9]+:)?");

  static {
    FilePath.register(new SteadyFilePath());
  }

  /** Makes the scheme known to H2. */
  static void register() {
    // The static block did, once.
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  /** How the path of that file begins, under the name that it has in that opening. */
  static String prefix(int opening) {
    return SCHEME + ":" + (opening == 0 ? "" : opening + ":");
  }

  @Override
  protected String getPrefix() {
    return name.substring(0, prefixLength(name));
  }

  @Override
  protected FilePath unwrap(String path) {
    return FilePath.get(path.substring(prefixLength(path)));
  }

  private static int prefixLength(String path) {
    Matcher prefix = PREFIX.matcher(path);
    return prefix.lookingAt() ? prefix.end() : 0;
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    return new SteadyFile(getBase().toString(), mode);
  }

  /** Opened once to write and a few times to read, so that few readers wait for each other. */
  private static final class SteadyFile extends FileBaseDefault {

    /** A power of two. None is closed before all are: a system's lock goes with the first one. */
    private static final int READERS = 4;

    private final RandomAccessFile writer;
    private final RandomAccessFile[] readers = new RandomAccessFile[READERS];

    SteadyFile(String file, String mode) throws IOException {
      writer = new RandomAccessFile(file, mode);
      boolean done = false;
      try {
        for (int i = 0; i < READERS; i++) {
          readers[i] = new RandomAccessFile(file, "r");
        }
        done = true;
      } finally {
        if (!done) {
          implCloseChannel();
        }
      }
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      int length = target.remaining();
      byte[] bytes = target.hasArray() ? target.array() : new byte[length];
      int from = target.hasArray() ? target.arrayOffset() + target.position() : 0;
      RandomAccessFile reader = readers[(int) Thread.currentThread().getId() & (READERS - 1)];
      int read;
      synchronized (reader) {
        reader.seek(position);
        read = reader.read(bytes, from, length);
      }
      if (read > 0) {
        if (target.hasArray()) {
          target.position(target.position() + read);
        } else {
          target.put(bytes, 0, read);
        }
      }
      return read;
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
      int length = source.remaining();
      byte[] bytes = source.hasArray() ? source.array() : new byte[length];
      int from = source.hasArray() ? source.arrayOffset() + source.position() : 0;
      if (!source.hasArray()) {
        source.duplicate().get(bytes);
      }
      synchronized (writer) {
        writer.seek(position);
        writer.write(bytes, from, length);
      }
      source.position(source.limit());
      return length;
    }

    @Override
    protected void implTruncate(long size) throws IOException {
      synchronized (writer) {
        if (size < writer.length()) {
          writer.setLength(size);
        }
      }
    }

    @Override
    public void force(boolean metaData) throws IOException {
      writer.getFD().sync();
    }

    @Override
    public long size() throws IOException {
      return writer.length();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
      return writer.getChannel().tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      writer.close();
      for (RandomAccessFile reader : readers) {
        if (reader != null) {
          reader.close();
        }
      }
    }
  }
}
