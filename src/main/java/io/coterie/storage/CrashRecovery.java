package io.coterie.storage;

import java.nio.file.Files;
import java.nio.file.Path;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a database's file in order that a killed process left, before H2 opens it. Stateless.
 *
 * <p>H2 2.2.224 reads such a file, but takes the places of chunks that nothing refers to for free
 * while its list of chunks still has them, and the file's header may name a chunk of 20 writes
 * before. A second death could then lose what was written, and an orderly end soon after left a
 * file that H2 refused with "Double mark". So the list is cleared and the header written first, by
 * writes at the end of the file that overwrite nothing.
 */
final class CrashRecovery {

  private static final Logger log = LoggerFactory.getLogger(CrashRecovery.class);

  private static final String CLEAN = "clean";

  /** A chunk may be forgotten two writes after the one that referred to it last. */
  private static final int WRITES = 3;

  private CrashRecovery() {}

  /**
   * Does it where it is needed. What cannot be read is left as it is, for H2 to say why.
   *
   * @param file which must not be open
   * @param scheme of the file system by which H2 is to write it, with its colon; may be empty
   */
  static void run(Path file, String scheme) {
    if (!Files.exists(file)) {
      return;
    }
    try {
      recover(builder(file, scheme));
    } catch (MVStoreException e) {
      if (e.getErrorCode() == DataUtils.ERROR_FILE_CORRUPT) {
        recoverDamaged(file, scheme);
      }
    }
  }

  private static MVStore.Builder builder(Path file, String scheme) {
    return new MVStore.Builder().fileName(scheme + file).autoCommitDisabled();
  }

  private static void recover(MVStore.Builder builder) {
    MVStore store = builder.open();
    if (store.isReadOnly() || store.getStoreHeader().containsKey(CLEAN)) {
      store.closeImmediately();
    } else {
      putInOrder(store);
    }
  }

  /**
   * Earlier versions could leave such a file. All of it is there, but for a list of what is not.
   */
  private static void recoverDamaged(Path file, String scheme) {
    try {
      putInOrder(builder(file, scheme).recoveryMode().open());
      log.info("The database's file was damaged by the end of an earlier process, and is mended");
    } catch (MVStoreException e) {
      // H2 finds the same, and what it says reaches the operator.
    }
  }

  private static void putInOrder(MVStore store) {
    store.setReuseSpace(false);
    store.setRetentionTime(0);
    store.setVersionsToKeep(0);
    for (int version = WRITES; version > 0; version--) {
      // H2 itself does not use this number: it is something to write.
      store.setStoreVersion(version - 1);
      store.commit();
    }
    store.close();
  }
}
