package io.coterie.agent;

import io.coterie.model.Cancellation;
import io.coterie.model.Models;
import io.coterie.model.RunFailure;
import io.coterie.model.RunFailure.Code;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Lets an agent answer a message, with the help of its delegates and tools. Knows nothing of chats:
 * it reads a task and reports progress. Thread-safe.
 */
public final class AgentRunner {

  /** An earlier message of the conversation. */
  public record Turn(boolean byUser, String text) {}

  /**
   * The agents of the workspace, which its coordinators may ask.
   *
   * @param coordinator the agent that was chosen for that, beside the built-in one; may be null
   */
  public record Team(String coordinator, List<String> agents) {
    public static final Team NONE = new Team(null, List.of());

    boolean coordinates(String agentId) {
      return agentId.equals(BuiltIns.COORDINATOR) || agentId.equals(coordinator);
    }
  }

  /**
   * What is to be answered.
   *
   * @param conversation equals itself in all tasks of one conversation
   * @param text the message, without the mention that chose the agent
   * @param history given a budget in UTF-16 units, the newest earlier messages that fit it, oldest
   *     first
   * @param team asked for at most once, and only where a model answers
   * @param context what the agent is told beside its own instructions; may be empty
   */
  public record Task(
      String agentId,
      UUID userId,
      Object conversation,
      String text,
      IntFunction<List<Turn>> history,
      Supplier<Team> team,
      String context) {}

  /**
   * What an agent has used in a run, itself: what those that it asked used is theirs.
   *
   * @param model null where it asks none
   * @param millis how long it worked, waiting for those that it asked included
   */
  public record Cost(
      String agentId, String model, long inputTokens, long outputTokens, long millis) {}

  /** What becomes of an agent's part in a run, or of a tool call. */
  public enum Status {
    STARTED,
    FINISHED,
    SKIPPED,
    FAILED;

    /** As it appears in events. */
    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What a run tells while it goes on. {@link #text} is called by one thread at a time, the others
   * by several.
   */
  public interface Progress {
    /** A piece of the reply. */
    void text(String piece);

    /**
     * What the run has cost so far, all its agents together: called when it is known, and again
     * when it is known better.
     *
     * @param model that of the agent that answers
     */
    void usage(String model, int inputTokens, int outputTokens);

    /** The reply is over because its model may say no more, not because all is said. */
    default void cutOff() {}

    /**
     * Tells, once and at the beginning, where the cost of each agent in the run can be read at any
     * time.
     */
    default void costs(Supplier<List<Cost>> costs) {}

    /**
     * Why the run may use no more tokens, in words for the person; null while it may. Asked each
     * time after {@link #usage}, often.
     */
    default String refusal() {
      return null;
    }

    /** A delegate begins or ends its part; {@code depth} is 1 for those that the agent asks. */
    void agent(String agentId, Status status, String parentAgentId, int depth);

    /**
     * Delegates of an agent cannot have a part, as they are not installed; {@code depth} is theirs.
     */
    void skipped(MissingAgents missing, String parentAgentId, int depth);

    /**
     * A tool call of an agent begins or ends; delegates are tools as well.
     *
     * @param summary one short line
     */
    void tool(String agentId, String name, Status status, String summary);
  }

  /**
   * The bounds of a run.
   *
   * @param maxDepth how deep agents may ask agents
   * @param maxSteps model calls, by all its agents together
   * @param maxTokens in and out, of all its agents together
   * @param maxHistory what one request to a model may hold, in UTF-16 units; the instructions and
   *     the message itself are never cut
   */
  public record Limits(int maxDepth, int maxSteps, int maxTokens, int maxHistory) {}

  private final AgentCatalog catalog;
  private final AgentRun.Means means;

  /**
   * @param threads for what agents do at the same time; must have a thread for everybody
   */
  public AgentRunner(
      AgentCatalog catalog,
      Models models,
      AgentTools tools,
      Executor threads,
      Limits limits,
      AgentObserver observer) {
    this.catalog = catalog;
    this.means =
        new AgentRun.Means(
            catalog,
            models,
            tools,
            new Parallel(threads),
            limits,
            new ModelLimits(limits.maxHistory()),
            observer);
  }

  /**
   * Answers; returns when the reply is whole.
   *
   * @throws RunFailure where it cannot be
   * @throws CancellationException where the run was cancelled
   */
  public void run(Task task, Progress progress, Cancellation cancellation) {
    AgentCatalog.Agent agent =
        catalog.find(task.agentId(), task.userId()).orElseThrow(() -> notInstalled(task.agentId()));
    new AgentRun(means, task, progress, cancellation).answer(agent);
    if (cancellation.isCancelled()) {
      throw new CancellationException();
    }
  }

  /** Whether this agent's replies take as long as a model likes; others are there at once. */
  public boolean asksModel(String agentId) {
    return catalog.builtIns().replier(agentId) == null;
  }

  private static RunFailure notInstalled(String agentId) {
    return new RunFailure(Code.AGENT_FAILED, "The agent " + agentId + " is not installed.");
  }
}
