package io.coterie.agent;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import io.coterie.agent.AgentObserver.Outcome;
import io.coterie.model.Cancellation;
import io.coterie.model.ModelErrors;
import io.coterie.model.Models;
import io.coterie.model.RunFailure;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Asks one agent's model, and asks again where that can help: after a pause where the provider is
 * busy, with less where the conversation is too long. For one thread.
 */
final class ModelCaller {

  private static final int MAX_PAUSES = 3;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

  /** A provider that asks for more patience is not waited for. */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(20);

  private final Models models;
  private final ModelLimits limits;
  private final RunBudget.Part budget;
  private final Cancellation cancellation;
  private final AgentManifest agent;
  private final Object conversationId;
  private final AgentObserver observer;
  private final String modelRef;
  private boolean cutOff;

  /**
   * @param conversationId of which earlier refusals are remembered; null for none
   */
  ModelCaller(
      Models models,
      ModelLimits limits,
      RunBudget.Part budget,
      Cancellation cancellation,
      AgentManifest agent,
      Object conversationId,
      AgentObserver observer) {
    this.observer = observer;
    this.models = models;
    this.limits = limits;
    this.budget = budget;
    this.cancellation = cancellation;
    this.agent = agent;
    this.conversationId = conversationId;
    this.modelRef = modelRef(agent, models);
  }

  /** The model that an agent uses; null where there is none. */
  static String modelRef(AgentManifest agent, Models models) {
    return agent.model() != null ? agent.model() : models.defaultModel().orElse(null);
  }

  /** What a conversation with this model may have, in UTF-16 units. */
  int size() {
    return limits.size(name(), conversationId);
  }

  /** Whether this model is known to refuse tools. */
  boolean takesTools() {
    return limits.takesTools(name());
  }

  void refusedTools() {
    limits.refusedTools(name());
  }

  /** Whether the last reply ended because the model may say no more. */
  boolean wasCutOff() {
    return cutOff;
  }

  private String name() {
    return String.valueOf(modelRef);
  }

  /**
   * One step: lets the model say something, or ask for tools.
   *
   * @param out takes the text, a piece at a time
   * @throws RunFailure where it cannot, however often it is asked
   */
  AiMessage ask(Conversation conversation, List<ToolSpecification> tools, Consumer<String> out) {
    conversation.fit(size());
    budget.step();
    int pauses = 0;
    boolean shortened = false;
    while (true) {
      Attempt attempt = new Attempt(conversation.messages(), tools, out);
      try {
        AiMessage answer = attempt.make();
        cutOff = attempt.handler.wasCutOff();
        if (shortened) {
          limits.tookOnly(name(), conversationId, (int) conversation.units());
        }
        return answer;
      } catch (RunFailure e) {
        boolean again =
            switch (attempt.hasBegun() ? RunFailure.Remedy.NONE : e.remedy()) {
              case WAIT -> pauses < MAX_PAUSES && pause(e, pauses++);
              case SHORTEN -> shortened = conversation.shorten(SizeHint.share(e.getMessage()));
              case WITHOUT_TOOLS, NONE -> false;
            };
        if (!again || !budget.tryStep()) {
          throw e;
        }
        attempt.forget();
      }
    }
  }

  /** Waits, the longer the more often; false where the provider wants more time than there is. */
  private boolean pause(RunFailure failure, int before) {
    double jitter = ThreadLocalRandom.current().nextDouble(0.5, 1.5);
    Duration own = Duration.ofMillis((long) ((FIRST_PAUSE.toMillis() << before) * jitter));
    Duration wanted = failure.retryAfter().orElse(Duration.ZERO);
    if (wanted.compareTo(LONGEST_PAUSE) > 0) {
      return false;
    }
    Duration pause = wanted.compareTo(own) > 0 ? wanted : own;
    CountDownLatch cancelled = new CountDownLatch(1);
    try (Cancellation.Registration registration = cancellation.onCancel(cancelled::countDown)) {
      if (cancelled.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new CancellationException();
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException();
    }
  }

  /** One request. */
  private final class Attempt {
    private final ChatRequest request;
    private final int inputEstimate;
    private final Consumer<String> out;
    private ReplyHandler handler;

    Attempt(List<ChatMessage> messages, List<ToolSpecification> tools, Consumer<String> out) {
      this.request = ChatRequest.builder().messages(messages).toolSpecifications(tools).build();
      this.inputEstimate = TokenEstimate.of(messages, tools);
      this.out = out;
    }

    AiMessage make() {
      // Whatever ends this call, a bound of ours included, tears the provider's request down too.
      Cancellation call = new Cancellation();
      Outcome outcome = Outcome.FAILED;
      long start = System.nanoTime();
      try (Cancellation.Registration registration = cancellation.onCancel(call::cancel)) {
        StreamingChatModel model = models.open(agent.model(), agent.temperature(), null, call);
        handler = new ReplyHandler(out, inputEstimate, budget);
        call.onCancel(handler::cancelled);
        model.chat(request, handler);
        AiMessage answer = handler.await();
        outcome = Outcome.ANSWERED;
        return answer;
      } catch (CancellationException e) {
        outcome = Outcome.CANCELLED;
        throw e;
      } catch (RunFailure e) {
        throw e;
      } catch (Exception e) {
        throw ModelErrors.describe(e, modelRef);
      } finally {
        call.cancel();
        tell(outcome, start);
      }
    }

    /** A request that never left this server is none. */
    private void tell(Outcome outcome, long start) {
      if (handler != null) {
        observer.modelCalled(handler.ended(name(), outcome, start));
      }
    }

    boolean hasBegun() {
      return handler != null && handler.hasBegun();
    }

    void forget() {
      if (handler != null) {
        handler.forget();
      }
    }
  }
}
