package io.coterie.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.model.Cancellation;
import io.coterie.text.Texts;
import io.modelcontextprotocol.spec.McpSchema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tools of one server, asked for page by page and then remembered. Thread-safe. */
final class ToolLists {

  static final int MAX_TOOLS = 200;
  static final int MAX_PAGES = 100;
  private static final int MAX_NAME = 128;
  private static final int MAX_DESCRIPTION = 10_000;
  private static final int MAX_SCHEMA = 50_000;

  private static final Logger log = LoggerFactory.getLogger(ToolLists.class);

  private final ToolSession session;
  private final String who;
  private final Duration memory;
  private List<Tool> known;
  private long knownSince;
  private int changes;

  /**
   * @param memory for how long a list is good; not every server can say that it has changed
   */
  ToolLists(ToolSession session, String who, Duration memory) {
    this.session = session;
    this.who = who;
    this.memory = memory;
  }

  synchronized void forget() {
    known = null;
    changes++;
  }

  /** The tools, of all pages together within {@code limit}. */
  List<Tool> get(Duration limit, Cancellation cancellation) throws ToolFailure {
    int before;
    synchronized (this) {
      if (known != null && System.nanoTime() - knownSince < memory.toNanos()) {
        return known;
      }
      before = changes;
    }
    List<Tool> tools = ask(limit, cancellation);
    synchronized (this) {
      // What changed while the pages were read is asked for again the next time.
      known = changes == before ? tools : null;
      knownSince = System.nanoTime();
    }
    return tools;
  }

  private List<Tool> ask(Duration limit, Cancellation cancellation) throws ToolFailure {
    long deadline = System.nanoTime() + limit.toNanos();
    List<Tool> tools = new ArrayList<>();
    Set<String> names = new HashSet<>();
    String cursor = "";
    for (int page = 0; page < MAX_PAGES; page++) {
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      if (left.isNegative()) {
        throw new TimedOut(who, limit);
      }
      Map<String, Object> params = cursor.isEmpty() ? Map.of() : Map.of("cursor", cursor);
      JsonNode result = session.ask(McpSchema.METHOD_TOOLS_LIST, params, left, cancellation);
      if (!result.path("tools").isArray()) {
        throw ToolFailure.of(who + " gave an answer that Coterie does not understand.");
      }
      for (JsonNode tool : result.path("tools")) {
        if (tools.size() < MAX_TOOLS && isUsable(tool) && names.add(name(tool))) {
          tools.add(tool(tool));
        }
      }
      cursor = result.path("nextCursor").asText("");
      if (cursor.isEmpty() || tools.size() == MAX_TOOLS) {
        break;
      }
    }
    return List.copyOf(tools);
  }

  private boolean isUsable(JsonNode tool) {
    JsonNode schema = tool.path("inputSchema");
    boolean usable =
        tool.path("name").isTextual()
            && !name(tool).isBlank()
            && name(tool).equals(Labels.of(name(tool), MAX_NAME))
            && schema.isObject()
            && schema.path("type").asText("object").equals("object")
            && schema.toString().length() <= MAX_SCHEMA;
    if (!usable) {
      log.debug("{} has a tool without a usable name or schema", who);
    }
    return usable;
  }

  private static String name(JsonNode tool) {
    return tool.path("name").asText();
  }

  private static Tool tool(JsonNode tool) {
    ObjectNode schema = tool.path("inputSchema").deepCopy();
    schema.put("type", "object");
    String description = tool.path("description").asText(tool.path("title").asText(""));
    return new Tool(name(tool), Texts.whole(Texts.beginning(description, MAX_DESCRIPTION)), schema);
  }
}
