package io.coterie.agent;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import io.coterie.model.ToolSpecs;
import java.util.List;

/**
 * How many tokens a text is about, for bounds and for providers that do not say: four UTF-16 units
 * each.
 */
final class TokenEstimate {

  private static final int UNITS_PER_TOKEN = 4;

  private TokenEstimate() {}

  static int ofUnits(long units) {
    return (int) Math.min(Integer.MAX_VALUE, (units + UNITS_PER_TOKEN - 1) / UNITS_PER_TOKEN);
  }

  /** The tokens of a request. */
  static int of(List<ChatMessage> messages, List<ToolSpecification> tools) {
    return ofUnits(messages.stream().mapToLong(TokenEstimate::units).sum() + unitsOf(tools));
  }

  static long units(ChatMessage message) {
    if (message instanceof SystemMessage system) {
      return system.text().length();
    } else if (message instanceof UserMessage user) {
      return user.singleText().length();
    } else if (message instanceof ToolExecutionResultMessage result) {
      return result.text().length();
    } else if (message instanceof AiMessage ai) {
      long units = ai.text() == null ? 0 : ai.text().length();
      for (ToolExecutionRequest request : ai.toolExecutionRequests()) {
        units += request.name().length() + (long) request.arguments().length();
      }
      return units;
    }
    return 0;
  }

  /** What the descriptions of tools take up in a request. */
  static long unitsOf(List<ToolSpecification> tools) {
    return tools.stream().mapToLong(ToolSpecs::units).sum();
  }
}
