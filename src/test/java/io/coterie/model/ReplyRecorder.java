package io.coterie.model;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A handler that keeps what it was told and lets a test wait for it. Thread-safe. */
public class ReplyRecorder implements StreamingChatResponseHandler {

  private final List<String> pieces = new ArrayList<>();
  private final List<CompleteToolCall> toolCalls = new ArrayList<>();
  private final List<Object> endings = new ArrayList<>();
  private boolean spokeAfterEnd;

  @Override
  public synchronized void onPartialResponse(String piece) {
    spokeAfterEnd |= !endings.isEmpty();
    pieces.add(piece);
    notifyAll();
  }

  @Override
  public synchronized void onCompleteToolCall(CompleteToolCall call) {
    toolCalls.add(call);
  }

  @Override
  public synchronized void onCompleteResponse(ChatResponse response) {
    endings.add(response);
    notifyAll();
  }

  @Override
  public synchronized void onError(Throwable error) {
    endings.add(error);
    notifyAll();
  }

  /** The text so far. */
  public synchronized String text() {
    return String.join("", pieces);
  }

  public synchronized List<CompleteToolCall> toolCalls() {
    return List.copyOf(toolCalls);
  }

  /** How often an end was reported; it must be once. */
  public synchronized int endings() {
    return endings.size();
  }

  /** Whether text came after the end; it must not. */
  public synchronized boolean spokeAfterEnd() {
    return spokeAfterEnd;
  }

  public void awaitText(String text) {
    await(() -> text().equals(text), "the text " + text);
  }

  public ChatResponse awaitResponse() {
    if (awaitEnd() instanceof ChatResponse response) {
      return response;
    }
    throw new AssertionError("The reply failed", (Throwable) awaitEnd());
  }

  public Throwable awaitError() {
    if (awaitEnd() instanceof Throwable error) {
      return error;
    }
    throw new AssertionError("The reply did not fail: " + awaitEnd());
  }

  private Object awaitEnd() {
    await(() -> !endings.isEmpty(), "the end of the reply");
    synchronized (this) {
      return endings.get(0);
    }
  }

  private synchronized void await(BooleanSupplier condition, String what) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ScriptedProvider.PATIENCE_SECONDS);
    try {
      while (!condition.getAsBoolean()) {
        long rest = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (rest <= 0) {
          throw new AssertionError("Waited in vain for " + what + "; there is: " + text());
        }
        wait(rest);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
