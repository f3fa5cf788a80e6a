package io.coterie.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.FileStore;
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
 *
 * <p>A file that is damaged is mended in a copy, and kept beside under another name.
 */
final class CrashRecovery {

  private static final Logger log = LoggerFactory.getLogger(CrashRecovery.class);

  private static final String CLEAN = "clean";

  /** The store's own name for the number of the write that its header tells of, hexadecimal. */
  private static final String VERSION = "version";

  /** A chunk may be forgotten two writes after the one that referred to it last. */
  private static final int WRITES = 3;

  private CrashRecovery() {}

  /**
   * Does it where it is needed. What cannot be read is left as it is, for H2 to say why.
   *
   * @param file which must not be open
   * @param scheme of the file system by which H2 is to write it, with its colon; may be empty
   * @return whether the file was damaged, so that something may be missing
   * @throws Database.UnusableException where it is damaged and was left as it is
   */
  static boolean run(Path file, String scheme) {
    if (!Files.exists(file)) {
      return false;
    }
    try {
      if (isInOrder(builder(file, scheme))) {
        return false;
      }
    } catch (MVStoreException e) {
      if (e.getErrorCode() != DataUtils.ERROR_FILE_CORRUPT) {
        return false; // H2 finds the same, and what it says reaches the operator.
      }
    } catch (AssertionError e) {
      log.debug("The database's file is not as H2 writes it", e);
    }
    return mendDamaged(file, scheme);
  }

  private static MVStore.Builder builder(Path file, String scheme) {
    return new MVStore.Builder().fileName(scheme + file).autoCommitDisabled();
  }

  /** Puts it in order where it is not; false where that must not be done, as it is damaged. */
  private static boolean isInOrder(MVStore.Builder builder) {
    MVStore store = builder.open();
    if (isBehindItsHeader(store)) {
      store.closeImmediately();
      return false;
    }
    if (store.isReadOnly() || store.getStoreHeader().containsKey(CLEAN)) {
      store.closeImmediately();
    } else {
      putInOrder(store);
    }
    return true;
  }

  /** H2 goes back to an older write without a word, where it cannot read the newest. */
  private static boolean isBehindItsHeader(MVStore store) {
    FileStore<?> file = store.getFileStore();
    return file.lastChunkVersion() < DataUtils.readHexLong(file.getStoreHeader(), VERSION, 0);
  }

  /** Most of it is there in general; what is not cannot be known. */
  private static boolean mendDamaged(Path file, String scheme) {
    DamagedFile damaged = new DamagedFile(file);
    Path kept;
    try {
      kept = damaged.mend(copy -> putInOrder(builder(copy, scheme).recoveryMode().open()));
    } catch (RuntimeException | AssertionError e) {
      // H2 takes much of what it reads for granted; its assertions tell where they are switched on.
      throw new Database.UnusableException(
          "its file is damaged and cannot be mended; it was left as it is: restore a backup", e);
    } catch (IOException e) {
      throw new Database.UnusableException(
          "its file is damaged and was left as it is: " + e.getMessage(), e);
    }
    log.warn(
        "The database's file was damaged and is mended. Some of what was stored may be missing: the"
            + " file as it was is kept as {}; check the disk, and restore a backup if anything is"
            + " missing",
        kept);
    return true;
  }

  private static void putInOrder(MVStore store) {
    boolean done = false;
    try {
      store.setReuseSpace(false);
      store.setRetentionTime(0);
      store.setVersionsToKeep(0);
      for (int version = WRITES; version > 0; version--) {
        // H2 itself does not use this number: it is something to write.
        store.setStoreVersion(version - 1);
        store.commit();
      }
      store.close();
      done = true;
    } finally {
      if (!done) {
        store.closeImmediately();
      }
    }
  }
}
