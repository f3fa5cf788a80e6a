package io.coterie.agent;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import io.coterie.agent.AgentRunner.Progress;
import io.coterie.agent.AgentRunner.Status;
import io.coterie.text.Texts;
import io.coterie.tools.ToolResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Function;

/**
 * What one agent can use in one run, under the names by which its model knows it. Filled by one
 * thread; then any may use it.
 */
final class Toolbox {

  /** What a model is given of one result; in UTF-16 units, as the other bounds. */
  private static final int MAX_RESULT = 50_000;

  /** No provider takes more tools than this. */
  static final int MAX_TOOLS = 128;

  private static final int MAX_CALLS = 32;
  private static final int MAX_NAME = 64;
  private static final int SUMMARY = 200;

  private record Entry(
      String name, ToolSpecification specification, Function<String, ToolResult> use) {}

  private final String agentId;
  private final Progress progress;
  private final Parallel parallel;
  private final AgentObserver observer;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /**
   * @param agentId whose it is
   */
  Toolbox(String agentId, Progress progress, Parallel parallel, AgentObserver observer) {
    this.observer = observer;
    this.agentId = agentId;
    this.progress = progress;
    this.parallel = parallel;
  }

  /** A name that models accept and that is not taken yet. */
  String freeName(String wanted) {
    String plain = wanted.replaceAll("[^A-Za-z0-9_-]", "_");
    String name = plain.substring(0, Math.min(plain.length(), MAX_NAME));
    for (int n = 2; name.isEmpty() || entries.containsKey(name); n++) {
      String ending = "_" + n;
      name = plain.substring(0, Math.min(plain.length(), MAX_NAME - ending.length())) + ending;
    }
    return name;
  }

  /**
   * Adds a tool; false where there are too many.
   *
   * @param name how people call it
   * @param specification with a {@link #freeName}
   * @param use given the arguments as the model wrote them
   */
  boolean add(String name, ToolSpecification specification, Function<String, ToolResult> use) {
    if (entries.size() >= MAX_TOOLS) {
      return false;
    }
    entries.put(specification.name(), new Entry(name, specification, use));
    return true;
  }

  List<ToolSpecification> specifications() {
    return entries.values().stream().map(Entry::specification).toList();
  }

  /** Does what the model asked for, all of it at the same time; in its order. */
  List<ToolExecutionResultMessage> use(List<ToolExecutionRequest> requests) {
    List<ToolExecutionRequest> taken = requests.subList(0, Math.min(requests.size(), MAX_CALLS));
    List<ToolExecutionResultMessage> results = new ArrayList<>(parallel.map(taken, this::use));
    for (ToolExecutionRequest request : requests.subList(taken.size(), requests.size())) {
      String text = "Not done: at most " + MAX_CALLS + " tools can be called at once.";
      results.add(message(request, new ToolResult(text, true)));
    }
    return results;
  }

  private ToolExecutionResultMessage use(ToolExecutionRequest request) {
    Entry entry = entries.get(request.name());
    if (entry == null) {
      String name = Texts.oneLine(request.name(), MAX_NAME);
      String text = "There is no tool and no agent called " + name + " here.";
      progress.tool(agentId, name, Status.FAILED, text);
      observer.toolUsed(true);
      return message(request, new ToolResult(text, true));
    }
    tell(entry, Status.STARTED, request.arguments());
    ToolResult result;
    try {
      result = entry.use().apply(request.arguments());
    } catch (CancellationException e) {
      tell(entry, Status.FAILED, "Cancelled.");
      throw e;
    } catch (RuntimeException e) {
      tell(entry, Status.FAILED, "The run ended.");
      throw e;
    }
    tell(entry, result.isError() ? Status.FAILED : Status.FINISHED, result.text());
    return message(request, result);
  }

  private void tell(Entry entry, Status status, String text) {
    progress.tool(agentId, Texts.oneLine(entry.name(), 200), status, Texts.oneLine(text, SUMMARY));
    if (status != Status.STARTED) {
      observer.toolUsed(status == Status.FAILED);
    }
  }

  private static ToolExecutionResultMessage message(
      ToolExecutionRequest request, ToolResult result) {
    String text = result.text();
    if (text.length() > MAX_RESULT) {
      text = Texts.beginning(text, MAX_RESULT) + "\n[… cut, it was too long]";
    }
    return ToolExecutionResultMessage.builder()
        .id(request.id())
        .toolName(request.name())
        .text(text.isBlank() ? "(nothing)" : text)
        .isError(result.isError())
        .build();
  }
}
