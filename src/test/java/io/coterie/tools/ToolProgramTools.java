package io.coterie.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.modelcontextprotocol.server.McpServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.server.McpSyncServer;
import io.modelcontextprotocol.server.McpSyncServerExchange;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.ImageContent;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Function;

/** What {@link ToolProgram} can do. */
final class ToolProgramTools {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, Object> ANYTHING = Map.of("type", "object");
  private static final Map<String, Object> TWO_NUMBERS =
      Map.of(
          "type",
          "object",
          "properties",
          Map.of("a", Map.of("type", "number"), "b", Map.of("type", "number")),
          "required",
          List.of("a", "b"));

  private final AtomicInteger cancellations = new AtomicInteger();
  private final AtomicInteger slow = new AtomicInteger();
  private final Map<String, String> slowKeys = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> toldToStop = new ConcurrentHashMap<>();
  private final CompletableFuture<McpSyncServer> server = new CompletableFuture<>();

  /**
   * Looks at what the client sends beside the SDK, which overlooks that a call is cancelled. A slow
   * one stops when it is the one that was meant.
   */
  void noticeLine(String line) {
    JsonNode message;
    try {
      message = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      return;
    }
    JsonNode params = message.path("params");
    if (params.path("name").asText().equals("slow")) {
      slowKeys.put(message.path("id").asText(), params.at("/arguments/key").asText());
    } else if (message.path("method").asText().equals("notifications/cancelled")) {
      cancellations.incrementAndGet();
      String key = slowKeys.remove(params.path("requestId").asText());
      if (key != null) {
        stop(key).countDown();
      }
    }
  }

  private CountDownLatch stop(String key) {
    return toldToStop.computeIfAbsent(key, k -> new CountDownLatch(1));
  }

  void builtInto(McpSyncServer built) {
    server.complete(built);
  }

  List<SyncToolSpecification> all() {
    List<SyncToolSpecification> tools = new ArrayList<>();
    tools.add(
        tool(
            "add",
            "Adds two numbers.",
            TWO_NUMBERS,
            (exchange, call) -> text(number(call, "a") + number(call, "b"))));
    tools.add(simple("echo", "Says the text again.", call -> text(call.arguments().get("text"))));
    tools.add(simple("slow", "Takes for ever.", this::slow));
    tools.add(
        simple(
            "fail",
            "Fails.",
            call ->
                CallToolResult.builder().addTextContent("It did not work.").isError(true).build()));
    tools.add(simple("crash", "Ends the program.", call -> crash()));
    tools.add(
        simple("big", "A long text.", call -> text("x".repeat((int) number(call, "length")))));
    tools.add(
        simple(
            "picture",
            "A picture.",
            call ->
                CallToolResult.builder()
                    .addTextContent("Look:")
                    .addContent(new ImageContent(null, "A".repeat(16_000), "image/png"))
                    .build()));
    tools.add(
        simple(
            "data",
            "Structured data.",
            call ->
                CallToolResult.builder()
                    .content(List.of())
                    .structuredContent(Map.of("answer", 42))
                    .build()));
    tools.add(
        simple(
            "env",
            "The names of its environment.",
            call -> text(String.join(" ", new TreeSet<>(System.getenv().keySet())))));
    tools.add(simple("folder", "Where it runs.", call -> text(Path.of("").toAbsolutePath())));
    tools.add(simple("children", "Starts a program of its own.", call -> child()));
    tools.add(simple("pid", "Its process.", call -> text(ProcessHandle.current().pid())));
    tools.add(simple("waiting", "How many slow calls there are.", call -> text(slow)));
    tools.add(
        simple("cancellations", "How often it was told to stop.", call -> text(cancellations)));
    tools.add(simple("flood", "Writes much to its error stream.", call -> flood()));
    tools.add(
        tool("ping", "Asks back.", ANYTHING, (exchange, call) -> text(exchange.ping() != null)));
    tools.add(simple("grow", "Learns one more thing.", this::grow));
    return tools;
  }

  private SyncToolSpecification simple(
      String name, String description, Function<CallToolRequest, CallToolResult> work) {
    return tool(name, description, ANYTHING, (exchange, call) -> work.apply(call));
  }

  private SyncToolSpecification tool(
      String name,
      String description,
      Map<String, Object> schema,
      BiFunction<McpSyncServerExchange, CallToolRequest, CallToolResult> work) {
    return SyncToolSpecification.builder()
        .tool(Tool.builder(name, schema).description(description).build())
        .callHandler(work::apply)
        .build();
  }

  private static double number(CallToolRequest call, String name) {
    return ((Number) call.arguments().get(name)).doubleValue();
  }

  private static CallToolResult text(Object text) {
    return CallToolResult.builder().addTextContent(String.valueOf(text)).build();
  }

  /** Takes until the client says that it does not want it any longer. */
  private CallToolResult slow(CallToolRequest call) {
    slow.incrementAndGet();
    try {
      stop(String.valueOf(call.arguments().get("key"))).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    slow.decrementAndGet();
    return text("stopped");
  }

  private static CallToolResult crash() {
    Runtime.getRuntime().halt(1);
    return text("");
  }

  private static CallToolResult flood() {
    String line = "noise ".repeat(200);
    for (int i = 0; i < 5_000; i++) {
      System.err.println(line);
    }
    return text("flooded");
  }

  private static CallToolResult child() {
    try {
      return text(new ProcessBuilder("sleep", "1000").start().pid());
    } catch (IOException e) {
      return text(e);
    }
  }

  private CallToolResult grow(CallToolRequest call) {
    String name = call.arguments().get("name").toString();
    server.join().addTool(simple(name, "New.", again -> text("new")));
    return text("grown");
  }
}
