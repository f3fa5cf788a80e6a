package io.coterie.agent;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import io.coterie.agent.AgentObserver.ModelCall;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/**
 * Follows one call of a model: passes its text on, counts its tokens, and lets the run's thread
 * wait for its end.
 */
final class ReplyHandler implements StreamingChatResponseHandler {

  private final Consumer<String> out;
  private final int inputEstimate;
  private final RunBudget.Part budget;
  private final RunBudget.Call call;
  private final CountDownLatch ended = new CountDownLatch(1);
  private long units;
  private long firstAt;
  private TokenUsage counted;
  private boolean begun;
  private boolean cutOff;
  private AiMessage answer;
  private Exception failure;

  /**
   * @param out takes the text, a piece at a time
   * @param inputEstimate tokens in the request, until the provider says
   */
  ReplyHandler(Consumer<String> out, int inputEstimate, RunBudget.Part budget) {
    this.out = out;
    this.inputEstimate = inputEstimate;
    this.budget = budget;
    this.call = budget.call(inputEstimate);
  }

  @Override
  public synchronized void onPartialResponse(String piece) {
    if (ended.getCount() == 0) {
      return;
    }
    begun |= !piece.isEmpty();
    try {
      out.accept(piece);
    } catch (RuntimeException | Error e) {
      onError(e);
      return;
    }
    count(piece.length());
  }

  @Override
  public synchronized void onPartialToolCall(PartialToolCall part) {
    String arguments = part.partialArguments();
    count(arguments == null ? 0 : arguments.length());
  }

  @Override
  public synchronized void onCompleteToolCall(CompleteToolCall whole) {
    count(0);
  }

  @Override
  public synchronized void onCompleteResponse(ChatResponse response) {
    if (ended.getCount() == 0) {
      return;
    }
    TokenUsage usage = response.tokenUsage();
    if (usage != null && usage.inputTokenCount() != null && usage.outputTokenCount() != null) {
      counted = usage;
      call.count(usage.inputTokenCount(), usage.outputTokenCount());
    }
    answer = response.aiMessage();
    cutOff = response.finishReason() == FinishReason.LENGTH;
    end(null);
  }

  @Override
  public synchronized void onError(Throwable error) {
    end(error instanceof Exception e ? e : new IllegalStateException(error));
  }

  synchronized void cancelled() {
    end(new CancellationException());
  }

  /** Whether any of the text has been passed on: then the call cannot be made anew. */
  synchronized boolean hasBegun() {
    return begun;
  }

  /** Whether the reply ended because the model may say no more. */
  synchronized boolean wasCutOff() {
    return cutOff;
  }

  /** Takes the cost back, of a call that failed before it said anything and is made anew. */
  void forget() {
    call.count(0, 0);
  }

  /** Waits for the end of the call; throws what it ended with unless that is a whole reply. */
  AiMessage await() throws Exception {
    ended.await();
    synchronized (this) {
      if (failure != null) {
        throw failure;
      }
      return answer;
    }
  }

  /**
   * What the call was, once it has ended; tokens are estimated where the provider did not say.
   *
   * @param start when it began, by {@link System#nanoTime}
   */
  synchronized ModelCall ended(String model, AgentObserver.Outcome outcome, long start) {
    return new ModelCall(
        model,
        outcome,
        System.nanoTime() - start,
        firstAt == 0 ? -1 : firstAt - start,
        counted != null ? counted.inputTokenCount() : firstAt == 0 ? 0 : inputEstimate,
        counted != null ? counted.outputTokenCount() : TokenEstimate.ofUnits(units));
  }

  private void count(int more) {
    if (firstAt == 0) {
      firstAt = System.nanoTime();
    }
    units += more;
    if (ended.getCount() > 0 && !call.spent(inputEstimate, TokenEstimate.ofUnits(units))) {
      end(budget.exhausted());
    }
  }

  private void end(Exception e) {
    if (ended.getCount() > 0) {
      if (e != null && !(e instanceof CancellationException) && firstAt == 0) {
        // Refused, or never heard of: that costs nothing.
        forget();
      }
      failure = e;
      ended.countDown();
    }
  }
}
