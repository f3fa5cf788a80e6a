package io.coterie.agent;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import io.coterie.agent.AgentRunner.Turn;
import io.coterie.text.Texts;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.IntFunction;

/**
 * What an agent and its model have said to each other, kept short enough for the model: the oldest
 * of the chat's history goes first, then the middle of long tool results. Lengths are in UTF-16
 * units. For one thread.
 */
final class Conversation {

  private static final int SHORTEST_RESULT = 500;
  private static final String CUT = "\n[… cut, it was too long …]\n";

  private final SystemMessage instructions;
  private final Deque<ChatMessage> history = new ArrayDeque<>();
  private final UserMessage question;
  private final List<ChatMessage> steps = new ArrayList<>();
  private final long fixed;

  /**
   * @param history given a budget, the newest earlier messages that fit it
   * @param size what all of it may have together; the instructions and the question always fit
   */
  Conversation(
      String instructions,
      List<ToolSpecification> tools,
      String question,
      IntFunction<List<Turn>> history,
      int size) {
    this.instructions = SystemMessage.from(instructions);
    // Providers refuse empty messages.
    this.question = UserMessage.from(question.isBlank() ? "Hello" : question);
    this.fixed =
        TokenEstimate.units(this.instructions)
            + TokenEstimate.units(this.question)
            + TokenEstimate.unitsOf(tools);
    for (Turn turn : history.apply((int) Math.max(0, size - fixed))) {
      if (!turn.text().isBlank()) {
        this.history.add(
            turn.byUser() ? UserMessage.from(turn.text()) : AiMessage.from(turn.text()));
      }
    }
    beginWithPerson();
  }

  List<ChatMessage> messages() {
    List<ChatMessage> messages = new ArrayList<>();
    messages.add(instructions);
    messages.addAll(history);
    messages.add(question);
    messages.addAll(steps);
    return messages;
  }

  /** Adds what the model said, and what became of the tools that it asked for. */
  void add(AiMessage answer, List<ToolExecutionResultMessage> results) {
    steps.add(answer);
    steps.addAll(results);
  }

  /** Whether the model has said nothing yet. */
  boolean isFresh() {
    return steps.isEmpty();
  }

  long units() {
    return fixed + unitsOf(history) + unitsOf(steps);
  }

  /** Shortens until all of it fits {@code size}, or nothing is left to leave out. */
  void fit(long size) {
    long over = units() - size;
    while (over > 0 && !history.isEmpty()) {
      over -= TokenEstimate.units(history.removeFirst());
    }
    beginWithPerson();
    while (units() > size && cutLongestResult()) {
      // again
    }
  }

  /**
   * Leaves out what can be; false where there is nothing.
   *
   * @param share how much of all is to be kept
   */
  boolean shorten(double share) {
    long before = units();
    fit((long) (before * share));
    return units() < before;
  }

  private boolean cutLongestResult() {
    int longest = -1;
    int length = SHORTEST_RESULT + CUT.length();
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i) instanceof ToolExecutionResultMessage result
          && result.text().length() > length) {
        longest = i;
        length = result.text().length();
      }
    }
    if (longest < 0) {
      return false;
    }
    ToolExecutionResultMessage result = (ToolExecutionResultMessage) steps.get(longest);
    int keep = Math.max(SHORTEST_RESULT, (length - CUT.length()) / 2);
    String text = result.text();
    String cut =
        Texts.beginning(text, keep * 3 / 4) + CUT + Texts.ending(text, keep - keep * 3 / 4);
    steps.set(
        longest,
        ToolExecutionResultMessage.builder()
            .id(result.id())
            .toolName(result.toolName())
            .text(cut)
            .isError(result.isError())
            .build());
    return true;
  }

  private void beginWithPerson() {
    while (history.peekFirst() instanceof AiMessage) {
      history.removeFirst();
    }
  }

  private static long unitsOf(Iterable<ChatMessage> messages) {
    long units = 0;
    for (ChatMessage message : messages) {
      units += TokenEstimate.units(message);
    }
    return units;
  }
}
