package io.coterie.storage;

import org.h2.engine.Constants;

/**
 * The one version of H2 whose file survives a kill as this server writes it: those after it write
 * the file's header before the newest chunk is noted. Stateless.
 */
final class H2Version {

  static final String PINNED = "2.2.224";

  private H2Version() {}

  /**
   * Refuses any other.
   *
   * @throws Database.UnusableException that names both
   */
  static void check() {
    // Not a constant of the compiler: it is read from the classes that are there.
    String used = Constants.VERSION;
    if (!used.equals(PINNED)) {
      throw new Database.UnusableException(
          "H2 " + used + " is in use, which can lose what was stored; it has to be H2 " + PINNED,
          null);
    }
  }
}
