package io.coterie.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.coterie.agent.AgentRunner.Status;
import io.coterie.agent.MissingAgents;
import io.coterie.model.RunFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The types of events and the data that goes with each. */
final class Events {

  static final String READY = "ready";
  static final String FEEDBACK = "feedback";
  static final String RUN = "run";
  static final String AGENT = "agent";
  static final String TOOL = "tool";
  static final String DELTA = "delta";
  static final String MESSAGE = "message";
  static final String ERROR = "error";
  static final String PONG = "pong";

  private Events() {}

  /**
   * First on every connection; {@code recovered} is false only where the client is ahead of the
   * server.
   */
  record Ready(UUID chatId, long lastSeq, boolean recovered) {}

  record Feedback(String type, UUID chatId, UUID messageId, String message) {
    static Feedback of(MessageRow message) {
      return new Feedback(
          "message_received", message.chatId(), message.messageId(), message.content());
    }
  }

  /** {@code messageId} is the user's message that the run answers. */
  record RunState(UUID runId, UUID messageId, String agentId, String status) {
    static RunState of(RunRow run, String agentId, RunStatus status) {
      return new RunState(run.runId(), run.messageId(), agentId, status.wire());
    }
  }

  /**
   * An agent's part in a run.
   *
   * @param more how many further ones were skipped that are not told of; else null
   */
  record AgentState(
      UUID runId,
      String agentId,
      String status,
      String parentAgentId,
      int depth,
      @JsonInclude(JsonInclude.Include.NON_NULL) Integer more) {

    static AgentState of(UUID runId, String agentId, Status status, String parent, int depth) {
      return new AgentState(runId, agentId, status.wire(), parent, depth, null);
    }

    /** One for each that is told of; the last says how many there are beside. */
    static List<AgentState> skipped(UUID runId, MissingAgents missing, String parent, int depth) {
      List<AgentState> states = new ArrayList<>();
      for (String agentId : missing.agentIds()) {
        boolean last = states.size() == missing.agentIds().size() - 1;
        Integer more = last && missing.more() > 0 ? missing.more() : null;
        states.add(new AgentState(runId, agentId, Status.SKIPPED.wire(), parent, depth, more));
      }
      return states;
    }
  }

  record ToolState(UUID runId, String agentId, String name, String status, String summary) {}

  /** A piece of a reply: {@code offset} in UTF-16 units, {@code messageId} the reply's own. */
  record Delta(UUID runId, UUID messageId, String agentId, int offset, String text) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Failure(String code, String msg, UUID runId) {
    static Failure of(RunFailure failure, UUID runId) {
      return new Failure(failure.code().wire(), failure.getMessage(), runId);
    }
  }

  record Pong() {}
}
