package io.coterie.agent;

import io.coterie.model.RunFailure;
import io.coterie.model.RunFailure.Code;

/**
 * What one run may still use, all its agents together. Once something is used up, the run is over:
 * no agent answers around that. Thread-safe.
 */
final class RunBudget {

  private final AgentRunner.Limits limits;
  private final AgentRunner.Progress progress;
  private final String model;
  private int steps;
  private long input;
  private long output;
  private RunFailure exhausted;

  /**
   * @param model the one under which the cost is reported
   */
  RunBudget(AgentRunner.Limits limits, AgentRunner.Progress progress, String model) {
    this.limits = limits;
    this.progress = progress;
    this.model = model;
  }

  /** Why the run is over; null while it is not. */
  synchronized RunFailure exhausted() {
    return exhausted;
  }

  /** Takes one model call; false, and nothing else, where there is none left. */
  synchronized boolean tryStep() {
    if (exhausted != null || steps >= limits.maxSteps()) {
      return false;
    }
    steps++;
    return true;
  }

  /** As {@link #tryStep}, for a call that the run cannot do without. */
  void step() {
    if (!tryStep()) {
      throw outOfSteps();
    }
  }

  /** Ends the run where nothing is left to use what is about to be done for. */
  synchronized void requireMore() {
    if (exhausted != null) {
      throw exhausted;
    }
    if (steps >= limits.maxSteps()) {
      throw outOfSteps();
    }
    if (tokens() > limits.maxTokens()) {
      throw outOfTokens();
    }
  }

  private RunFailure outOfSteps() {
    return end("The run used up its " + limits.maxSteps() + " steps (agents.max-steps).");
  }

  private RunFailure outOfTokens() {
    return end("The run used up its " + limits.maxTokens() + " tokens (agents.max-tokens).");
  }

  private long tokens() {
    return input + output;
  }

  /** Refuses to go deeper than agents may ask agents. */
  void enter(int depth) {
    if (depth > limits.maxDepth()) {
      throw end("Agents asked agents more than " + limits.maxDepth() + " deep (agents.max-depth).");
    }
  }

  /** Begins to count a call, whose request is estimated. */
  Call call(int inputEstimate) {
    Call call = new Call();
    if (!call.spent(inputEstimate, 0)) {
      throw exhausted();
    }
    return call;
  }

  private synchronized RunFailure end(String message) {
    if (exhausted == null) {
      exhausted = new RunFailure(Code.BUDGET_EXHAUSTED, message);
    }
    return exhausted;
  }

  /** The tokens of one call. */
  final class Call {
    private int in;
    private int out;

    /**
     * Says what this call has used so far; false, and the run is over, where that is more than
     * there was.
     */
    boolean spent(int inputTokens, int outputTokens) {
      count(inputTokens, outputTokens);
      synchronized (RunBudget.this) {
        if (tokens() > limits.maxTokens()) {
          outOfTokens();
          return false;
        }
        return true;
      }
    }

    /** As {@link #spent}, of a call that is over: what it said counts, however much that was. */
    void count(int inputTokens, int outputTokens) {
      synchronized (RunBudget.this) {
        input += inputTokens - in;
        output += outputTokens - out;
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
