package io.coterie.model;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** What a reply's tool requests must have so that they can be run and answered. */
final class ToolRequests {

  private ToolRequests() {}

  /** Whether a model that writes this as arguments means that there are none. */
  static boolean isNone(String arguments) {
    return arguments == null || arguments.isBlank() || arguments.strip().equals("null");
  }

  /** As {@code requests}, each with an id of its own, and {@code {}} for no arguments. */
  static List<ToolExecutionRequest> received(List<ToolExecutionRequest> requests) {
    List<ToolExecutionRequest> mended = new ArrayList<>(requests.size());
    Set<String> ids = new HashSet<>();
    for (ToolExecutionRequest request : requests) {
      String id = request.id();
      if (id == null || id.isBlank() || !ids.add(id)) {
        id = "call_" + UUID.randomUUID().toString().replace("-", "");
      }
      String arguments = isNone(request.arguments()) ? "{}" : request.arguments();
      mended.add(request.toBuilder().id(id).arguments(arguments).build());
    }
    return mended;
  }

  /**
   * As {@code requests}, with {@code {}} for arguments that are no JSON object: a model may write
   * anything, but two of the three protocols have no place for text there, and servers of the third
   * refuse it. What was wrong stands in the tool's result.
   */
  static List<ToolExecutionRequest> toSend(List<ToolExecutionRequest> requests) {
    return requests.stream()
        .map(
            request ->
                request.arguments() != null && ToolCallStream.isObject(request.arguments())
                    ? request
                    : request.toBuilder().arguments("{}").build())
        .toList();
  }
}
