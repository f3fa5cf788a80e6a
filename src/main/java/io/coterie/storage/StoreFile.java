package io.coterie.storage;

import java.sql.Connection;
import java.sql.SQLException;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.MVStore;

/**
 * The file in which H2 keeps the database: how much of it is used again, and when it has been
 * written. Where the database has no file of its own, because it is in memory or another server's,
 * nothing here does anything. Thread-safe.
 */
final class StoreFile {

  /**
   * For how many writes of the file what they no longer refer to is left alone.
   *
   * <p>The header of the file may be 20 writes behind: H2 then finds the newest one by following
   * each to the next, which must not have been overwritten yet. H2's own rule is to leave
   * everything alone for 45 seconds, in which a server under load fills a file of many times its
   * content; to leave nothing alone loses what was committed. A count holds at any speed.
   */
  private static final int WRITES_LEFT_ALONE = 32;

  private final MVStore store;

  private StoreFile(MVStore store) {
    this.store = store;
  }

  /** The file behind a connection. */
  static StoreFile of(Connection connection) {
    try {
      return new StoreFile(
          connection.isWrapperFor(JdbcConnection.class)
                  && connection.unwrap(JdbcConnection.class).getSession()
                      instanceof SessionLocal session
              ? session.getDatabase().getStore().getMvStore()
              : null);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Lets H2 use the space of what is no longer needed soon, but not too soon. */
  void reuseSpace() {
    if (hasFile()) {
      store.setVersionsToKeep(WRITES_LEFT_ALONE);
      store.setRetentionTime(0);
    }
  }

  /**
   * Returns once what H2 has begun to write is in the file. It writes on threads of its own, and a
   * checkpoint that finds nothing left to do does not wait for them.
   */
  void awaitWritten() {
    if (hasFile()) {
      // Before it runs this, H2 lets those threads finish.
      store.executeFilestoreOperation(() -> {});
    }
  }

  /** Returns once what is in the file is on the disk. */
  void sync() {
    if (hasFile()) {
      store.sync();
    }
  }

  private boolean hasFile() {
    return store != null && store.getFileStore() != null;
  }
}
