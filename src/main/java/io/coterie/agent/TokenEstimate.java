package io.coterie.agent;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
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

  static int of(List<ChatMessage> messages) {
    return ofUnits(messages.stream().mapToLong(TokenEstimate::units).sum());
  }

  private static long units(ChatMessage message) {
    if (message instanceof SystemMessage system) {
      return system.text().length();
    } else if (message instanceof UserMessage user) {
      return user.singleText().length();
    } else if (message instanceof AiMessage ai && ai.text() != null) {
      return ai.text().length();
    }
    return 0;
  }
}
