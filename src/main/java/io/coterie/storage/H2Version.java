package io.coterie.storage;

import org.h2.engine.Constants;

/**
 * The one version of H2 whose file is known to survive a kill as this server writes it; {@code
 * findings/h2-kill-loses-acknowledged.sh} shows one that loses rows. Stateless.
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
          "H2 %s is in use, with which a kill could lose what was stored; it has to be H2 %s"
              .formatted(used, PINNED),
          null);
    }
  }
}
