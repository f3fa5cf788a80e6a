package io.coterie.net;

import java.io.IOException;

/** A name leads to an address that may not be connected to. */
public final class ForbiddenAddressException extends IOException {
  private static final long serialVersionUID = 1L;

  ForbiddenAddressException(String host) {
    super("An address of " + host + " may not be connected to");
  }
}
