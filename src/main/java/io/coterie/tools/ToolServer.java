package io.coterie.tools;

import java.net.URI;
import java.util.List;

/**
 * A server of the Model Context Protocol: one that is reached over streamable HTTP, or a program of
 * this host that speaks over its standard streams. Two that are equal are the same server.
 * Immutable.
 *
 * @param url http or https; null where there is a command
 * @param command the program and its arguments; null where there is an address
 * @param anyAddress whether {@code url} may lead to loopback, link-local and private addresses
 */
public record ToolServer(URI url, List<String> command, boolean anyAddress) {

  public ToolServer {
    if ((url == null) == (command == null)) {
      throw new IllegalArgumentException("either an address or a command");
    }
    command = command == null ? null : List.copyOf(command);
  }
}
