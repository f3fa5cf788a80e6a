package io.coterie;

import io.coterie.config.Config;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secret that signs tokens: made on the first start and kept in the data folder, for its
 * owner's eyes alone.
 */
final class Secrets {

  private static final Logger log = LoggerFactory.getLogger(Secrets.class);
  private static final Set<PosixFilePermission> OWNERS =
      PosixFilePermissions.fromString("rw-------");
  private static final int BYTES = 48;
  private static final int MIN_LENGTH = 32;

  private Secrets() {}

  /** The secret that signs tokens: the one in the settings, or the one in the data folder. */
  static String ofTokens(Config config) {
    if (config.auth().jwtSecret() != null) {
      return config.auth().jwtSecret();
    }
    return load(config.dataDir().resolve("jwt.secret"));
  }

  /**
   * The secret in {@code file}, made now where there is none. One that others could read is closed
   * to them, with a warning.
   *
   * @throws StartException where it cannot be read or made, or is none
   */
  static String load(Path file) {
    String secret;
    try {
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        create(file);
      }
      secret = Files.readString(file).strip();
      closeToOthers(file);
    } catch (IOException e) {
      throw new StartException(
          file + " cannot be read or made: it holds the secret that signs logins", e);
    }
    if (secret.length() < MIN_LENGTH) {
      throw new StartException(
          file + " is too short for a secret; delete it to have a new one made", null);
    }
    return secret;
  }

  private static void closeToOthers(Path file) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    if (view != null && !OWNERS.containsAll(view.readAttributes().permissions())) {
      log.warn(
          "{} could be read or changed by others and is closed to them now; where somebody may have"
              + " read it, delete it: a new one is made, and everybody has to log in again",
          file);
      try {
        view.setPermissions(OWNERS);
      } catch (IOException e) {
        log.warn("{} cannot be closed to others", file);
      }
    }
  }

  private static void create(Path file) throws IOException {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    // Written beside and moved, so that a crash leaves no half of a secret.
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(draft);
    Files.createFile(draft, ownerOnly(file));
    try {
      Files.write(draft, (secret + "\n").getBytes(StandardCharsets.UTF_8));
      Files.move(draft, file);
    } catch (FileAlreadyExistsException e) {
      // Another start was first.
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  private static FileAttribute<?>[] ownerOnly(Path file) {
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNERS)}
        : new FileAttribute<?>[0];
  }
}
