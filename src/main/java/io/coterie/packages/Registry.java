package io.coterie.packages;

import java.util.Optional;

/**
 * A set of static files: {@code index.json}, {@code NAME/index.json} and {@code NAME/FILE}. What
 * they mean is not its business.
 *
 * <p>Implementations are thread-safe, and read no more than they are told to, whatever size was
 * announced.
 */
interface Registry {

  /** How it is written in {@code registry.urls}. */
  String url();

  /**
   * The content of one file, or empty if there is none.
   *
   * @param path relative, of plain names joined by {@code /}, which the caller has checked
   * @param maxBytes more than that is refused
   */
  Optional<byte[]> read(String path, int maxBytes) throws RegistryException, RefusedException;
}
