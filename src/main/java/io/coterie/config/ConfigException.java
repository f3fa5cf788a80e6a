package io.coterie.config;

import java.util.List;

/**
 * The settings hold mistakes, all of which it lists, so that one start shows them all. No line
 * holds a line break or the value of a secret: they are made to be printed.
 */
public final class ConfigException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final List<String> mistakes;

  ConfigException(List<String> mistakes) {
    super(String.join(System.lineSeparator(), mistakes));
    this.mistakes = List.copyOf(mistakes);
  }

  /** One line each: where the value came from, its key, and what was expected. */
  public List<String> mistakes() {
    return mistakes;
  }
}
