package io.coterie;

import io.coterie.config.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The secret that signs tokens: made on the first start and kept in the data folder, for its
 * owner's eyes alone.
 */
final class Secrets {

  private static final int BYTES = 48;
  private static final int MIN_LENGTH = 32;

  private Secrets() {}

  /** The secret that signs tokens: the one in the settings, or the one in the data folder. */
  static String ofTokens(Config config) {
    if (config.auth().jwtSecret() != null) {
      return config.auth().jwtSecret();
    }
    try {
      return load(config.dataDir().resolve("jwt.secret"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The secret in {@code file}, made now where there is none. */
  static String load(Path file) throws IOException {
    if (!Files.exists(file)) {
      create(file);
    }
    String secret = Files.readString(file).strip();
    if (secret.length() < MIN_LENGTH) {
      throw new StartException(
          file + " is too short for a secret; delete it to have a new one made", null);
    }
    return secret;
  }

  private static void create(Path file) throws IOException {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    // Written beside and moved, so that a crash leaves no half of a secret.
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(draft);
    Files.createFile(draft, ownerOnly(file));
    Files.write(draft, (secret + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      Files.move(draft, file);
    } catch (FileAlreadyExistsException e) {
      Files.delete(draft);
    }
  }

  private static FileAttribute<?>[] ownerOnly(Path file) {
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }
}
