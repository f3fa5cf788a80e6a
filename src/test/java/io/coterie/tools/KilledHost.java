package io.coterie.tools;

import io.coterie.model.Cancellation;
import java.nio.file.Path;
import java.time.Duration;

/** A process that uses the tools of a program, tells that program's id, and waits to be killed. */
final class KilledHost {

  private KilledHost() {}

  public static void main(String[] args) throws Exception {
    McpServers servers =
        new McpServers(Path.of(args[0]), Duration.ofSeconds(30), Duration.ofSeconds(20));
    ToolServer program = new ToolServer(null, ToolProgram.stdioCommand(), false);
    System.out.println(servers.call(program, "pid", "{}", new Cancellation()).text());
    Thread.currentThread().join();
  }
}
