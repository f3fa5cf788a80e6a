package io.coterie.tools;

import java.util.List;

/** Tool servers that are a few lines of shell, for what no well-behaved one does. */
final class ShellServer {

  /**
   * {@code answer RESULT} reads one request and answers it; {@code answer} alone does the handshake
   * and answers a list without tools.
   */
  private static final String FUNCTIONS =
      """
      id() { echo "$1" | sed 's/.*"id":"\\([^"]*\\)".*/\\1/'; }
      reply() { read -r line; echo '{"jsonrpc":"2.0","id":"'$(id "$line")'","result":'"$1"'}'; }
      greet() {
        reply '{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},\\
      "serverInfo":{"name":"s","version":"1"}}'
        read -r initialized
      }
      answer() { greet; reply '{"tools":[]}'; }
      """
          .replace("\\\n", "");

  private ShellServer() {}

  static ToolServer of(String script) {
    return new ToolServer(null, List.of("sh", "-c", FUNCTIONS + script), false);
  }
}
