package io.coterie.model;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatRequestOptions;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a model keep what {@link Models#open} promises: one ending for each call, nothing after it,
 * no text once the run is cancelled, and no exception out of {@code chat}. Thread-safe.
 */
final class GuardedModel implements StreamingChatModel {

  private static final Logger log = LoggerFactory.getLogger(GuardedModel.class);

  private final StreamingChatModel model;
  private final Cancellation cancellation;
  private final UnaryOperator<ChatRequest> form;

  GuardedModel(StreamingChatModel model, Cancellation cancellation) {
    this(model, cancellation, UnaryOperator.identity());
  }

  /**
   * @param form what requests are put through before they are given to {@code model}
   */
  GuardedModel(
      StreamingChatModel model, Cancellation cancellation, UnaryOperator<ChatRequest> form) {
    this.model = model;
    this.cancellation = cancellation;
    this.form = form;
  }

  @Override
  public void chat(
      ChatRequest request, ChatRequestOptions options, StreamingChatResponseHandler handler) {
    OneEnding guarded = new OneEnding(handler, cancellation);
    if (cancellation.isCancelled()) {
      guarded.onError(new CancellationException());
      return;
    }
    try {
      model.chat(form.apply(request), options, guarded);
    } catch (RuntimeException e) {
      guarded.onError(e);
    }
  }

  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return model.defaultRequestParameters();
  }

  @Override
  public List<ChatModelListener> listeners() {
    return model.listeners();
  }

  @Override
  public ModelProvider provider() {
    return model.provider();
  }

  @Override
  public Set<Capability> supportedCapabilities() {
    return model.supportedCapabilities();
  }

  private static final class OneEnding implements StreamingChatResponseHandler {

    private final StreamingChatResponseHandler handler;
    private final Cancellation cancellation;
    private final AtomicBoolean ended = new AtomicBoolean();

    OneEnding(StreamingChatResponseHandler handler, Cancellation cancellation) {
      this.handler = handler;
      this.cancellation = cancellation;
    }

    private boolean isOpen() {
      return !ended.get() && !cancellation.isCancelled();
    }

    /** As {@link #isOpen}; a call that ended early, its handler having failed, stops reading. */
    private boolean isOpen(StreamingHandle handle) {
      if (!isOpen()) {
        handle.cancel();
        return false;
      }
      return true;
    }

    @Override
    public void onPartialResponse(String text) {
      if (isOpen()) {
        handler.onPartialResponse(text);
      }
    }

    @Override
    public void onPartialResponse(PartialResponse text, PartialResponseContext context) {
      if (isOpen(context.streamingHandle())) {
        handler.onPartialResponse(text, context);
      }
    }

    @Override
    public void onPartialThinking(PartialThinking thinking) {
      if (isOpen()) {
        handler.onPartialThinking(thinking);
      }
    }

    @Override
    public void onPartialThinking(PartialThinking thinking, PartialThinkingContext context) {
      if (isOpen(context.streamingHandle())) {
        handler.onPartialThinking(thinking, context);
      }
    }

    @Override
    public void onPartialToolCall(PartialToolCall call) {
      if (isOpen()) {
        handler.onPartialToolCall(call);
      }
    }

    @Override
    public void onPartialToolCall(PartialToolCall call, PartialToolCallContext context) {
      if (isOpen(context.streamingHandle())) {
        handler.onPartialToolCall(call, context);
      }
    }

    /** Told of with the whole reply, when it is certain what was asked for. */
    @Override
    public void onCompleteToolCall(CompleteToolCall call) {}

    @Override
    public void onUnmappedRawEvent(Object event) {
      if (isOpen()) {
        handler.onUnmappedRawEvent(event);
      }
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      ChatResponse mended = mended(response);
      List<ToolExecutionRequest> tools = mended.aiMessage().toolExecutionRequests();
      for (int i = 0; i < tools.size() && isOpen(); i++) {
        handler.onCompleteToolCall(new CompleteToolCall(i, tools.get(i)));
      }
      if (ended.compareAndSet(false, true)) {
        handler.onCompleteResponse(mended);
      }
    }

    /** Without what LangChain4j attaches to it, which can be large: every event as it came. */
    private static ChatResponse mended(ChatResponse response) {
      AiMessage said = response.aiMessage();
      FinishReason reason = response.finishReason();
      if (said.hasToolExecutionRequests()) {
        said =
            said.toBuilder()
                .toolExecutionRequests(ToolRequests.received(said.toolExecutionRequests()))
                .build();
        // Many servers say "stop". A reply that was cut off is another matter.
        reason = reason == FinishReason.LENGTH ? reason : FinishReason.TOOL_EXECUTION;
      }
      return ChatResponse.builder()
          .aiMessage(said)
          .id(response.id())
          .modelName(response.modelName())
          .tokenUsage(isEmpty(response.tokenUsage()) ? null : response.tokenUsage())
          .finishReason(reason)
          .build();
    }

    /** LangChain4j says 0 where Anthropic's stream had no count; every request has some tokens. */
    private static boolean isEmpty(TokenUsage usage) {
      return usage != null
          && Integer.valueOf(0).equals(usage.inputTokenCount())
          && Integer.valueOf(0).equals(usage.outputTokenCount());
    }

    @Override
    public void onError(Throwable error) {
      if (ended.compareAndSet(false, true)) {
        handler.onError(error);
      } else if (!ModelErrors.isCancelled(error)) {
        log.warn("After the end of a reply", error);
      }
    }
  }
}
