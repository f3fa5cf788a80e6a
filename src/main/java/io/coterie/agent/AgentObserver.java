package io.coterie.agent;

/** Is told what agents cost in time and tokens. Called by many threads; must not throw or wait. */
public interface AgentObserver {

  /** How a request to a model ended. */
  enum Outcome {
    ANSWERED,
    FAILED,
    CANCELLED
  }

  /**
   * A request to a model.
   *
   * @param model {@code PROVIDER/MODEL}, as the agent or the settings name it
   * @param nanos how long it took
   * @param firstTextNanos when the first text or tool call came; negative where none did
   */
  record ModelCall(
      String model,
      Outcome outcome,
      long nanos,
      long firstTextNanos,
      int inputTokens,
      int outputTokens) {}

  AgentObserver NONE =
      new AgentObserver() {
        @Override
        public void modelCalled(ModelCall call) {}

        @Override
        public void toolUsed(boolean failed) {}
      };

  /** A request to a model ended. */
  void modelCalled(ModelCall call);

  /** A tool call ended; delegates are tools as well. */
  void toolUsed(boolean failed);
}
