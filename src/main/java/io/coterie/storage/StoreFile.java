package io.coterie.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.sql.Connection;
import java.sql.SQLException;
import org.h2.engine.Session;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.FileStore;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;

/**
 * The file in which H2 keeps the database: when it is written, and how its space is used again.
 * {@link #write} and {@link #tidy} are for a moment in which no transaction is under way and nobody
 * else calls anything here. Where the database is in memory, nothing here does anything.
 *
 * <p>H2 writes at no other time, as long as what changes between two calls of {@link #write} takes
 * less memory than {@link #KEPT_IN_MEMORY}: beyond that it writes in the middle of a transaction,
 * whatever delay it is told, rather than run out of memory. So no transaction may be without bound.
 */
final class StoreFile {

  /**
   * For how many writes of the file what they no longer refer to is left alone.
   *
   * <p>The header of the file may be 20 writes behind: H2 then finds the newest one by following
   * each to the next, which must not have been overwritten yet. H2's own rule is to leave
   * everything alone for 45 seconds, in which a server under load fills a file of many times its
   * content. A count holds at any speed.
   */
  private static final int WRITES_LEFT_ALONE = 32;

  /** Below this part of used space, in percent, what is used is moved together. */
  private static final int FILL_RATE = 80;

  /** How much is moved at once, in bytes, while much is written: transactions wait meanwhile. */
  private static final int MOVED_BUSY = 1024 * 1024;

  /** How much otherwise: what was moved is left alone for as many writes, and those are few. */
  private static final int MOVED_IDLE = 128 * 1024;

  /**
   * How much may have changed before H2 writes by itself, in bytes as H2 counts them, which is at
   * least two for a character. H2's own limit, which is added to this, is 19 MB at most and less
   * where the heap has not a few hundred: ten replies that end at once would be more.
   */
  private static final int KEPT_IN_MEMORY =
      (int) Math.min(512L << 20, Runtime.getRuntime().maxMemory() / 4);

  /** In milliseconds. */
  private static final int NEVER = Integer.MAX_VALUE;

  /** The two copies of the header; all else in the file is written to new places. */
  private static final int HEADERS = 2 * 4096;

  private static final int COPIED_AT_ONCE = 1 << 20;

  private final MVStore store;
  private int written;

  /** Set while a snapshot is open. */
  private volatile boolean held;

  private StoreFile(MVStore store) {
    this.store = store;
  }

  /** The file behind a connection of H2, which leaves it to this from now on. */
  static StoreFile of(Connection connection) throws SQLException {
    Session session = connection.unwrap(JdbcConnection.class).getSession();
    MVStore store = ((SessionLocal) session).getDatabase().getStore().getMvStore();
    StoreFile file = new StoreFile(store.isPersistent() ? store : null);
    file.takeOver();
    return file;
  }

  private void takeOver() {
    if (store != null) {
      // H2's thread would write in the middle of transactions, and so would each transaction at
      // its end without a delay at all.
      store.setAutoCommitDelay(NEVER);
      store.setVersionsToKeep(WRITES_LEFT_ALONE);
      store.setRetentionTime(0);
      holdBack();
    }
  }

  /** H2's limit cannot be changed once it is open, but what is counted against it can be. */
  private void holdBack() {
    store.registerUnsavedMemory(-KEPT_IN_MEMORY - store.getUnsavedMemory());
  }

  /** Writes what is committed; it survives the death of the process once this returns. */
  void write() {
    if (store != null) {
      store.commit();
      awaitWritten();
      holdBack();
      written++;
    }
  }

  /** Returns once what was written is on the disk. */
  void sync() {
    if (store != null) {
      store.sync();
    }
  }

  /** Makes a little space usable again; false where there is nothing to do. */
  boolean tidy() {
    if (store == null) {
      return false;
    }
    if (held) {
      return true;
    }
    boolean busy = written > WRITES_LEFT_ALONE;
    boolean moved = busy ? store.compact(FILL_RATE, MOVED_BUSY) : gather();
    write();
    written = 0;
    return moved || busy;
  }

  private boolean gather() {
    boolean moved = false;
    // No part of the file may be as small as the size it is begun with.
    for (int size = MOVED_IDLE; !moved && isSparse() && size <= MOVED_BUSY; size *= 2) {
      moved = store.compact(FILL_RATE, size);
    }
    return moved;
  }

  private boolean isSparse() {
    return store.getFileStore().getChunksFillRate() < FILL_RATE;
  }

  /** H2 writes on threads of its own, and does not wait where there was nothing left to begin. */
  private void awaitWritten() {
    store.executeFilestoreOperation(() -> {});
  }

  /**
   * The file as it is now, to be copied while it goes on being written; as long as it is open, what
   * the file does not use any more is kept, so that the file grows. One at a time.
   *
   * @throws UnsupportedOperationException where the database is in memory
   */
  Snapshot snapshot() {
    if (store == null) {
      throw new UnsupportedOperationException("The database is not kept in a file");
    }
    write();
    return new Snapshot(store.getFileStore());
  }

  /** The file as it was when this was made; may be read by one thread at any time. */
  final class Snapshot implements AutoCloseable {
    private final FileStore<?> source;
    private final ByteBuffer headers;
    private final long size;

    private Snapshot(FileStore<?> source) {
      this.source = source;
      this.headers = source.readFully(null, 0, HEADERS);
      this.size = source.size();
      held = true;
      source.setReuseSpace(false);
    }

    /** Writes all of it. */
    void copyTo(OutputStream out) throws IOException {
      WritableByteChannel target = Channels.newChannel(out);
      target.write(headers);
      try {
        for (long at = HEADERS; at < size; at += COPIED_AT_ONCE) {
          target.write(source.readFully(null, at, (int) Math.min(COPIED_AT_ONCE, size - at)));
        }
      } catch (MVStoreException e) {
        throw new IOException("The database could not be read", e);
      }
    }

    @Override
    public void close() {
      source.setReuseSpace(true);
      held = false;
    }
  }
}
