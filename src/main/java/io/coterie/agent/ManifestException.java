package io.coterie.agent;

/**
 * An agent's manifest that cannot be accepted. The message is for people: it names the field and
 * what was expected, and holds nothing else.
 */
public final class ManifestException extends Exception {
  private static final long serialVersionUID = 1L;

  public ManifestException(String message) {
    super(message);
  }
}
