package io.coterie.agent;

import io.coterie.agent.AgentRunner.Cost;
import io.coterie.model.RunFailure;
import io.coterie.model.RunFailure.Code;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What one run may still use, all its agents together, and what each of them has used. Once
 * something is used up, the run is over: no agent answers around that. Thread-safe.
 */
final class RunBudget {

  private record Account(String agentId, String model) {}

  private static final class Sum {
    private long input;
    private long output;
    private int open;
    // Each open part counts from the time at which it began: its beginning is subtracted here.
    private long nanos;
  }

  private final AgentRunner.Limits limits;
  private final AgentRunner.Progress progress;
  private final String model;
  private final LongSupplier nanoTime;
  private final Map<Account, Sum> sums = new LinkedHashMap<>();
  private int steps;
  private long input;
  private long output;
  private RunFailure exhausted;

  /**
   * @param model the one under which the cost of the whole run is reported
   * @param nanoTime a clock for measuring, as {@link System#nanoTime}
   */
  RunBudget(
      AgentRunner.Limits limits,
      AgentRunner.Progress progress,
      String model,
      LongSupplier nanoTime) {
    this.limits = limits;
    this.progress = progress;
    this.model = model;
    this.nanoTime = nanoTime;
  }

  /** Why the run is over; null while it is not. */
  synchronized RunFailure exhausted() {
    return exhausted;
  }

  /** What each agent has used so far with each model, in the order in which they began. */
  synchronized List<Cost> costs() {
    long now = nanoTime.getAsLong();
    return sums.entrySet().stream()
        .map(
            entry -> {
              Sum sum = entry.getValue();
              return new Cost(
                  entry.getKey().agentId(),
                  entry.getKey().model(),
                  sum.input,
                  sum.output,
                  (sum.nanos + sum.open * now) / 1_000_000);
            })
        .toList();
  }

  /** Ends the run where nothing is left to use what is about to be done for. */
  synchronized void requireMore() {
    if (exhausted != null) {
      throw exhausted;
    }
    if (steps >= limits.maxSteps()) {
      throw outOfSteps();
    }
    if (!mayUseMore()) {
      throw exhausted;
    }
  }

  /** False, and the run is over, where its tokens or the user's are used up. */
  private boolean mayUseMore() {
    String refusal = progress.refusal();
    if (refusal != null) {
      end(refusal);
    } else if (input + output > limits.maxTokens()) {
      end("The run used up its " + limits.maxTokens() + " tokens (agents.max-tokens).");
    }
    return exhausted == null;
  }

  private RunFailure outOfSteps() {
    return end("The run used up its " + limits.maxSteps() + " steps (agents.max-steps).");
  }

  /**
   * Begins an agent's part in the run.
   *
   * @param agentModel null where it asks none
   */
  synchronized Part begin(String agentId, String agentModel) {
    Sum sum = sums.computeIfAbsent(new Account(agentId, agentModel), key -> new Sum());
    sum.open++;
    sum.nanos -= nanoTime.getAsLong();
    return new Part(sum);
  }

  private synchronized RunFailure end(String message) {
    if (exhausted == null) {
      exhausted = new RunFailure(Code.BUDGET_EXHAUSTED, message);
    }
    return exhausted;
  }

  /** Refuses to go deeper than agents may ask agents. */
  void enter(int depth) {
    if (depth > limits.maxDepth()) {
      throw end("Agents asked agents more than " + limits.maxDepth() + " deep (agents.max-depth).");
    }
  }

  private synchronized boolean tryStep() {
    if (exhausted != null || steps >= limits.maxSteps()) {
      return false;
    }
    steps++;
    return true;
  }

  /** One agent at work; its time ends when this is closed. Thread-safe. */
  final class Part implements AutoCloseable {
    private final Sum sum;

    private Part(Sum sum) {
      this.sum = sum;
    }

    /** Takes one model call; false, and nothing else, where there is none left. */
    boolean tryStep() {
      return RunBudget.this.tryStep();
    }

    /** As {@link #tryStep}, for a call that the run cannot do without. */
    void step() {
      if (!tryStep()) {
        throw outOfSteps();
      }
    }

    /** Why the run is over; null while it is not. */
    RunFailure exhausted() {
      return RunBudget.this.exhausted();
    }

    /** Begins to count a call, whose request is estimated. */
    Call call(int inputEstimate) {
      Call call = new Call(sum);
      if (!call.spent(inputEstimate, 0)) {
        // It is not made.
        call.count(0, 0);
        throw exhausted();
      }
      return call;
    }

    @Override
    public void close() {
      synchronized (RunBudget.this) {
        sum.open--;
        sum.nanos += nanoTime.getAsLong();
      }
    }
  }

  /** The tokens of one call. */
  final class Call {
    private final Sum sum;
    private int in;
    private int out;

    private Call(Sum sum) {
      this.sum = sum;
    }

    /**
     * Says what this call has used so far; false, and the run is over, where that is more than
     * there was.
     */
    boolean spent(int inputTokens, int outputTokens) {
      count(inputTokens, outputTokens);
      synchronized (RunBudget.this) {
        return mayUseMore();
      }
    }

    /** As {@link #spent}, of a call that is over: what it said counts, however much that was. */
    void count(int inputTokens, int outputTokens) {
      synchronized (RunBudget.this) {
        int moreIn = inputTokens - in;
        int moreOut = outputTokens - out;
        input += moreIn;
        output += moreOut;
        sum.input += moreIn;
        sum.output += moreOut;
        in = inputTokens;
        out = outputTokens;
        progress.usage(model, bounded(input), bounded(output));
      }
    }

    private static int bounded(long tokens) {
      return (int) Math.min(Integer.MAX_VALUE, tokens);
    }
  }
}
