package io.coterie.tools;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.jackson2.JacksonMcpJsonMapper;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpSyncServer;
import io.modelcontextprotocol.server.transport.HttpServletStreamableServerTransportProvider;
import io.modelcontextprotocol.server.transport.StdioServerTransportProvider;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * A tool server built with the official Java SDK, as a process of its own: {@code stdio}, or {@code
 * http PORT} which prints the port. It ends with its standard input. What it can do is in {@link
 * ToolProgramTools}.
 */
public final class ToolProgram {

  private ToolProgram() {}

  public static void main(String[] args) throws Exception {
    McpJsonMapper json = new JacksonMcpJsonMapper(new ObjectMapper());
    ToolProgramTools tools = new ToolProgramTools();
    if (args[0].equals("stdio")) {
      // Nobody else may write between the messages.
      OutputStream out = System.out;
      System.setOut(System.err);
      WatchedInput in = new WatchedInput(System.in, tools::noticeLine, () -> halt());
      build(McpServer.sync(new StdioServerTransportProvider(json, in, out)), tools, json);
      Thread.currentThread().join();
    } else {
      serve(Integer.parseInt(args[1]), tools, json);
    }
  }

  private static void halt() {
    Runtime.getRuntime().halt(0);
  }

  private static McpSyncServer build(
      McpServer.SyncSpecification<?> server, ToolProgramTools tools, McpJsonMapper json) {
    server
        .serverInfo("tool-program", "1")
        .capabilities(ServerCapabilities.builder().tools(true).build())
        .jsonMapper(json)
        .validateToolInputs(false)
        .requestTimeout(Duration.ofSeconds(20));
    tools.all().forEach(tool -> server.toolCall(tool.tool(), tool.callHandler()));
    McpSyncServer built = server.build();
    tools.builtInto(built);
    return built;
  }

  private static void serve(int port, ToolProgramTools tools, McpJsonMapper json) throws Exception {
    HttpServletStreamableServerTransportProvider transport =
        HttpServletStreamableServerTransportProvider.builder()
            .jsonMapper(json)
            .mcpEndpoint("/mcp")
            .build();
    build(McpServer.sync(transport), tools, json);
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server, 1, 1);
    connector.setHost("127.0.0.1");
    connector.setPort(port);
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler("/");
    ServletHolder holder = new ServletHolder(transport);
    holder.setAsyncSupported(true);
    context.addServlet(holder, "/mcp");
    context.insertHandler(new WatchedBodies(tools::noticeLine));
    server.setHandler(context);
    server.start();
    System.out.println(connector.getLocalPort());
    while (System.in.read() >= 0) {
      // Whoever has started it is there.
    }
    halt();
  }

  /** The command that starts this program with its standard streams as the transport. */
  public static List<String> stdioCommand() {
    return command("stdio");
  }

  private static List<String> command(String... args) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dcoterie.log.level=error",
                "-cp",
                System.getProperty("java.class.path"),
                ToolProgram.class.getName()));
    command.addAll(Arrays.asList(args));
    return List.copyOf(command);
  }

  /** Starts this program behind HTTP on any free port of the loopback interface. */
  public static Http startHttp() {
    return startHttp(0);
  }

  /** The same on a certain port. */
  public static Http startHttp(int port) {
    try {
      Process process =
          new ProcessBuilder(command("http", Integer.toString(port)))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
      String line = out.readLine();
      if (line == null) {
        process.destroyForcibly();
        throw new IllegalStateException("it did not start");
      }
      return new Http(process, Integer.parseInt(line));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A running tool server behind HTTP. */
  public record Http(Process process, int port) implements AutoCloseable {

    public URI url() {
      return URI.create("http://127.0.0.1:" + port + "/mcp");
    }

    /** Kills it, and is back when it is gone. */
    @Override
    public void close() {
      process.destroyForcibly();
      try {
        process.waitFor(20, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
