package io.coterie.agent;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.TokenUsage;
import io.coterie.agent.AgentRunner.Progress;
import io.coterie.model.RunFailure;
import io.coterie.model.RunFailure.Code;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;

/**
 * Follows one call of a model: passes its text on, counts its tokens, and lets the run's thread
 * wait for its end.
 */
final class ReplyHandler implements StreamingChatResponseHandler {

  private final Progress progress;
  private final String model;
  private final int inputEstimate;
  private final int maxTokens;
  private final CountDownLatch ended = new CountDownLatch(1);
  private long units;
  private Exception failure;

  /**
   * @param inputEstimate tokens in the request, until the provider says
   * @param maxTokens in and out together
   */
  ReplyHandler(Progress progress, String model, int inputEstimate, int maxTokens) {
    this.progress = progress;
    this.model = model;
    this.inputEstimate = inputEstimate;
    this.maxTokens = maxTokens;
    progress.usage(model, inputEstimate, 0);
  }

  @Override
  public synchronized void onPartialResponse(String piece) {
    if (ended.getCount() == 0) {
      return;
    }
    try {
      progress.text(piece);
      units += piece.length();
      int output = TokenEstimate.ofUnits(units);
      progress.usage(model, inputEstimate, output);
      if (inputEstimate + output > maxTokens) {
        end(
            new RunFailure(
                Code.BUDGET_EXHAUSTED,
                "The run used up its budget of " + maxTokens + " tokens (agents.max-tokens)."));
      }
    } catch (RuntimeException | Error e) {
      onError(e);
    }
  }

  @Override
  public synchronized void onCompleteResponse(ChatResponse response) {
    if (ended.getCount() == 0) {
      return;
    }
    TokenUsage usage = response.tokenUsage();
    if (usage != null && usage.inputTokenCount() != null && usage.outputTokenCount() != null) {
      progress.usage(model, usage.inputTokenCount(), usage.outputTokenCount());
    }
    end(null);
  }

  @Override
  public synchronized void onError(Throwable error) {
    end(error instanceof Exception e ? e : new IllegalStateException(error));
  }

  synchronized void cancelled() {
    end(new CancellationException());
  }

  /** Waits for the end of the call; throws what it ended with unless that is a whole reply. */
  void await() throws Exception {
    ended.await();
    synchronized (this) {
      if (failure != null) {
        throw failure;
      }
    }
  }

  private void end(Exception e) {
    if (ended.getCount() > 0) {
      failure = e;
      ended.countDown();
    }
  }
}
