package io.coterie.model;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.CustomMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Puts a request into a form in which LangChain4j sends it as each provider wants it. */
final class ProviderRequest {

  private ProviderRequest() {}

  static ChatRequest of(ChatRequest request, Provider.Type type) {
    List<ChatMessage> messages = new ArrayList<>();
    for (ChatMessage message : request.messages()) {
      if (message instanceof AiMessage said) {
        addSaid(messages, said);
      } else if (type == Provider.Type.OLLAMA
          && message instanceof ToolExecutionResultMessage result
          && result.hasSingleText()) {
        messages.add(ollamaResult(result));
      } else {
        messages.add(message);
      }
    }
    return request.toBuilder()
        .messages(messages)
        .toolSpecifications(
            request.toolSpecifications() == null
                ? List.of()
                : request.toolSpecifications().stream().map(ToolSpecs::wrap).toList())
        .build();
  }

  /** A message without content is refused; one whose text is blank counts as such. */
  private static void addSaid(List<ChatMessage> messages, AiMessage said) {
    boolean blank = said.text() == null || said.text().isBlank();
    if (said.hasToolExecutionRequests()) {
      messages.add(
          said.toBuilder()
              .text(blank ? null : said.text())
              .toolExecutionRequests(ToolRequests.toSend(said.toolExecutionRequests()))
              .build());
    } else if (!blank) {
      messages.add(said);
    }
  }

  /**
   * LangChain4j sends the text alone, so that no model could tell the results of two tools apart.
   *
   * <p>See <a href="https://docs.ollama.com/capabilities/tool-calling">Tool calling</a>.
   */
  private static ChatMessage ollamaResult(ToolExecutionResultMessage result) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("role", "tool");
    fields.put("content", result.text());
    if (result.toolName() != null) {
      fields.put("tool_name", result.toolName());
    }
    if (result.id() != null) {
      fields.put("tool_call_id", result.id());
    }
    return CustomMessage.from(fields);
  }
}
