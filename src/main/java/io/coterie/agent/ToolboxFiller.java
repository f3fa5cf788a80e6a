package io.coterie.agent;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import io.coterie.agent.AgentCatalog.Agent;
import io.coterie.agent.AgentRunner.Progress;
import io.coterie.agent.AgentRunner.Status;
import io.coterie.agent.AgentRunner.Team;
import io.coterie.model.Cancellation;
import io.coterie.model.ToolSpecs;
import io.coterie.tools.Tool;
import io.coterie.tools.ToolResult;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;

/**
 * Puts into an agent's box what it may use in a run, and notes what is missing: for the person as
 * an event, for the agent as an addition to its instructions. For one thread.
 */
final class ToolboxFiller {

  private static final String TOO_MANY =
      "An agent can use at most " + Toolbox.MAX_TOOLS + " tools; not all of these are among them.";

  /** The one parameter of a delegate. */
  static final String MESSAGE = "message";

  /**
   * How many missing agents a run has told of by name, all its agents together: each that asks for
   * some tells of one at least. Thread-safe.
   */
  static final class Told {
    private int left = MissingAgents.TOLD;

    private synchronized MissingAgents of(List<String> absent) {
      MissingAgents missing = MissingAgents.of(absent, Math.max(1, left));
      left -= missing.agentIds().size();
      return missing;
    }
  }

  private final Toolbox toolbox;
  private final Agent agent;
  private final String agentId;
  private final int depth;
  private final Team team;
  private final UUID userId;
  private final Progress progress;
  private final Told told;
  private final StringBuilder missing = new StringBuilder();

  /**
   * @param agent whose box it is
   * @param depth how deep that agent is
   * @param userId whose agents it may ask
   * @param told what the run has told of missing agents
   */
  ToolboxFiller(
      Toolbox toolbox,
      Agent agent,
      int depth,
      Team team,
      UUID userId,
      Progress progress,
      Told told) {
    this.toolbox = toolbox;
    this.agent = agent;
    this.agentId = agent.manifest().agentId();
    this.depth = depth;
    this.team = team;
    this.userId = userId;
    this.progress = progress;
    this.told = told;
  }

  /** What the agent has to know is missing, to follow its instructions; may be empty. */
  String problems() {
    return missing.isEmpty()
        ? ""
        : "\n\nYou cannot use now, and should say so if it matters:" + missing;
  }

  /**
   * @param ask lets a delegate work, given what the model wrote for it
   */
  void addDelegates(AgentCatalog catalog, BiFunction<Agent, String, ToolResult> ask) {
    List<String> absent = new ArrayList<>();
    String surplus = null;
    for (String id : delegates()) {
      Agent delegate = catalog.find(id, userId).orElse(null);
      if (delegate == null) {
        absent.add(id);
      } else if (!toolbox.add(
          id, specification(delegate), arguments -> ask.apply(delegate, arguments))) {
        surplus = surplus == null ? id : surplus;
      }
    }
    tellAbsent(absent);
    if (surplus != null) {
      progress.tool(agentId, surplus, Status.FAILED, TOO_MANY);
    }
  }

  private void tellAbsent(List<String> absent) {
    MissingAgents noted = MissingAgents.of(absent, MissingAgents.TOLD);
    noted.agentIds().forEach(id -> note("the agent " + id + ", which is not installed"));
    if (noted.more() > 0) {
      note(noted.more() + " more agents, which are not installed");
    }
    List<String> untold = absent.stream().filter(id -> !wasSkippedBefore(id)).toList();
    if (!untold.isEmpty()) {
      progress.skipped(told.of(untold), agentId, depth + 1);
    }
  }

  void addTools(AgentTools tools, Cancellation cancellation) {
    for (AgentTools.Offer offer : tools.of(agent, cancellation)) {
      String problem = offer.problem();
      for (Tool tool : offer.tools()) {
        String name = toolbox.freeName(tool.name());
        ToolSpecification specification =
            ToolSpecs.of(name, tool.description(), tool.inputSchema());
        boolean added =
            toolbox.add(
                tool.name(),
                specification,
                arguments -> tools.call(offer.server(), tool, arguments, cancellation));
        problem = added ? problem : TOO_MANY;
      }
      if (problem != null) {
        progress.tool(agentId, offer.label(), Status.FAILED, problem);
        note("the tools of " + offer.label() + ": " + problem);
      }
    }
  }

  /** For a model that cannot use any. */
  void leaveEmpty() {
    if (!delegates().isEmpty() || !agent.manifest().tools().isEmpty()) {
      progress.tool(
          agentId,
          "tools",
          Status.FAILED,
          "The model cannot use tools, so this agent works without agents and tools.");
      note("any agent or tool");
    }
  }

  private Set<String> delegates() {
    Set<String> ids = new LinkedHashSet<>(agent.manifest().delegates());
    if (team.coordinates(agentId)) {
      ids.addAll(team.agents());
    }
    ids.remove(agentId);
    return ids;
  }

  /** Whoever chose the agent has told of the workspace's agents that are not installed. */
  private boolean wasSkippedBefore(String id) {
    return agentId.equals(BuiltIns.COORDINATOR)
        && !agent.manifest().delegates().contains(id)
        && team.coordinator() == null;
  }

  private void note(String what) {
    missing.append("\n- ").append(what);
  }

  private static ToolSpecification specification(Agent delegate) {
    AgentManifest manifest = delegate.manifest();
    return ToolSpecification.builder()
        .name(manifest.agentId())
        .description(
            "Asks the agent %s. %s\nIt sees nothing but your message, so say all that it needs."
                .formatted(manifest.name(), manifest.description()))
        .parameters(
            JsonObjectSchema.builder()
                .addStringProperty(MESSAGE, "What the agent is to do, with all that it needs.")
                .required(MESSAGE)
                .build())
        .build();
  }
}
