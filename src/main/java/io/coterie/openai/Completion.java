package io.coterie.openai;

import io.coterie.agent.AgentRunner;
import io.coterie.agent.AgentRunner.Status;
import io.coterie.agent.MissingAgents;
import io.coterie.chat.GuestRuns;
import io.coterie.chat.RunObserver;
import io.coterie.chat.RunStatus;
import io.coterie.chat.WholeCharacters;
import io.coterie.http.ApiException;
import io.coterie.http.OpenAiException;
import io.coterie.model.Cancellation;
import io.coterie.model.RunFailure;
import io.coterie.model.RunFailure.Code;
import io.coterie.storage.CannotStoreException;
import io.coterie.usage.TokenQuota;
import io.coterie.usage.UsageLog;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run whose reply goes to a client of the OpenAI-compatible API, and nowhere else. Thread-safe;
 * used once.
 */
final class Completion implements AgentRunner.Progress, GuestRuns.Guest {

  /** Who gets the reply. Neither may block: they are called by threads of models. */
  interface Client {
    /** A piece of it. */
    void text(String piece);

    /** All of it was said, or no more will be. Called once, after the last piece. */
    void ended(Outcome outcome);
  }

  /**
   * How it ended.
   *
   * @param failure why there is no whole reply; null where there is one
   */
  record Outcome(String finishReason, int inputTokens, int outputTokens, ApiException failure) {}

  private static final Logger log = LoggerFactory.getLogger(Completion.class);
  private static final int MAX_REPLY = 1_000_000;
  private static final String WHOLE = "stop";
  private static final String CUT_OFF = "length";

  private final AgentRunner runner;
  private final UsageLog usageLog;
  private final TokenQuota quota;
  private final RunObserver observer;
  private final AgentRunner.Task task;
  private final Client client;
  private final Cancellation cancellation = new Cancellation();
  private final WholeCharacters characters = new WholeCharacters();
  private int length;
  private int inputTokens;
  private int outputTokens;
  private boolean cutOff;
  private boolean ended;
  private GuestRuns.Leave place;
  private ApiException reason;
  private volatile TokenQuota.Spending spending;
  private volatile Supplier<List<AgentRunner.Cost>> costs = List::of;

  Completion(
      AgentRunner runner,
      UsageLog usageLog,
      TokenQuota quota,
      RunObserver observer,
      AgentRunner.Task task,
      Client client) {
    this.runner = runner;
    this.usageLog = usageLog;
    this.quota = quota;
    this.observer = observer;
    this.task = task;
    this.client = client;
  }

  /**
   * Lets it have its turn.
   *
   * @throws ApiException 429 or 503 where it has none
   */
  void begin(GuestRuns guests) {
    GuestRuns.Leave taken = guests.enter(task.agentId(), this);
    ApiException stopped;
    synchronized (this) {
      place = taken;
      stopped = reason;
    }
    if (stopped != null) {
      stop(stopped);
    }
  }

  @Override
  public void run() {
    ApiException failure;
    try (TokenQuota.Spending spent = quota.begin(task.userId())) {
      spending = spent;
      failure = answer();
      account(failure);
    }
    end(failure);
  }

  /** Lets the agent answer; tells why there is no whole reply, or null. */
  private ApiException answer() {
    ApiException failure = null;
    try {
      runner.run(task, this, cancellation);
    } catch (CancellationException e) {
      failure = stopReason();
    } catch (RunFailure e) {
      log.warn("A completion of agent_id={} failed code={}", task.agentId(), e.code().wire());
      failure = e.code() == Code.BUDGET_EXHAUSTED && hasSpoken() ? null : refusal(e);
      if (failure == null) {
        cutOff();
      }
    } catch (RuntimeException | Error e) {
      log.error("A completion failed", e);
      failure =
          refusal(
              new RunFailure(Code.INTERNAL, "The agent failed for a reason that is in the log."));
    }
    return failure;
  }

  private void account(ApiException failure) {
    try {
      usageLog.add(task.userId(), costs.get());
    } catch (CannotStoreException e) {
      // Who waits for the reply need not wait for this.
      end(failure);
      usageLog.addWhenStorable(task.userId(), costs.get(), this::isStopped);
    } catch (RuntimeException e) {
      log.error("What a completion cost could not be stored", e);
    }
  }

  @Override
  public UUID userId() {
    return task.userId();
  }

  /** Ends it as a client that hangs up does: nobody wants the reply any more. */
  void hungUp() {
    stop(ApiException.stopping());
  }

  @Override
  public void stop(ApiException why) {
    GuestRuns.Leave waiting;
    synchronized (this) {
      if (reason == null) {
        reason = why;
      }
      waiting = place;
    }
    if (waiting != null && waiting.leave()) {
      end(why);
    }
    cancellation.cancel();
  }

  @Override
  public void text(String piece) {
    String shown;
    synchronized (this) {
      if (ended) {
        return;
      }
      shown = characters.add(piece);
      length += shown.length();
      if (length > MAX_REPLY) {
        throw new RunFailure(
            Code.BUDGET_EXHAUSTED, "The reply grew over " + MAX_REPLY + " characters.");
      }
    }
    if (!shown.isEmpty()) {
      client.text(shown);
    }
  }

  @Override
  public void usage(String model, int input, int output) {
    synchronized (this) {
      inputTokens = input;
      outputTokens = output;
    }
    spending.spent((long) input + output);
  }

  @Override
  public void costs(Supplier<List<AgentRunner.Cost>> ofAgents) {
    costs = ofAgents;
  }

  @Override
  public String refusal() {
    return spending.refusal();
  }

  @Override
  public synchronized void cutOff() {
    cutOff = true;
  }

  @Override
  public void agent(String agentId, Status status, String parentAgentId, int depth) {
    // OpenAI's format has no place for what goes on behind a reply.
  }

  @Override
  public void skipped(MissingAgents missing, String parentAgentId, int depth) {
    // As above.
  }

  @Override
  public void tool(String agentId, String name, Status status, String summary) {
    // As above.
  }

  private RunStatus status(ApiException failure) {
    if (failure == null) {
      return RunStatus.COMPLETED;
    }
    return reason == null ? RunStatus.FAILED : RunStatus.CANCELLED;
  }

  private synchronized ApiException stopReason() {
    return reason == null ? ApiException.stopping() : reason;
  }

  private synchronized boolean isStopped() {
    return reason != null;
  }

  private synchronized boolean hasSpoken() {
    return length > 0;
  }

  private void end(ApiException failure) {
    Outcome outcome;
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      observer.ended(status(failure).wire());
      outcome = new Outcome(cutOff ? CUT_OFF : WHOLE, inputTokens, outputTokens, failure);
    }
    client.ended(outcome);
  }

  /**
   * What a client is told of a run that failed. Clients try again after statuses of this kind; the
   * header tells those that know it where that would help.
   */
  private static OpenAiException refusal(RunFailure e) {
    boolean again =
        switch (e.code()) {
          case MODEL_RATE_LIMITED, MODEL_UNAVAILABLE, MODEL_TIMEOUT -> true;
          default -> false;
        };
    int status = e.code() == Code.MODEL_RATE_LIMITED ? 429 : 502;
    Map<String, String> headers =
        again
            ? e.retryAfter()
                .map(Duration::toSeconds)
                .map(seconds -> Map.of("Retry-After", Long.toString(Math.max(1, seconds))))
                .orElse(Map.of())
            : Map.of("X-Should-Retry", "false");
    return new OpenAiException(status, e.getMessage(), null, e.code().wire(), headers);
  }
}
