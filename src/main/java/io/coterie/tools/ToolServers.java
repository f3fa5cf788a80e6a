package io.coterie.tools;

import io.coterie.model.Cancellation;
import java.util.List;

/**
 * The tool servers that agents use. A server is started or connected to when it is first asked for,
 * shared by all who ask, and started anew when it has died. Implementations are thread-safe; calls
 * block, for a bounded time, and end at once with a {@link
 * java.util.concurrent.CancellationException} when they are cancelled.
 */
public interface ToolServers {

  /**
   * What the server can do.
   *
   * @throws ToolException where it cannot be started, reached or understood
   */
  List<Tool> list(ToolServer server, Cancellation cancellation) throws ToolException;

  /** Ends the server once nobody uses it: nobody is expected to ask for it soon. */
  void release(ToolServer server);

  /**
   * Lets the server do it.
   *
   * @param arguments a JSON object, as a model wrote it
   * @throws ToolException where the server cannot be asked, or does not answer in time
   */
  ToolResult call(ToolServer server, String tool, String arguments, Cancellation cancellation)
      throws ToolException;
}
