package io.coterie.agent;

import io.coterie.model.Models;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Decides which agent answers a message. Thread-safe. */
public final class AgentChooser {

  /**
   * Who answers.
   *
   * @param missing agents that would have had their turn but are not installed
   */
  public record Choice(String agentId, MissingAgents missing) {

    /** That agent, whatever else there is. */
    public static Choice only(String agentId) {
      return new Choice(agentId, MissingAgents.NONE);
    }
  }

  private static final Pattern MENTION =
      Pattern.compile("\\s*@([A-Za-z0-9][A-Za-z0-9_-]{0,63})[:,]?(?:\\s+|$)");

  private final AgentCatalog catalog;
  private final Models models;

  public AgentChooser(AgentCatalog catalog, Models models) {
    this.catalog = catalog;
    this.models = models;
  }

  /**
   * The agent that the message opens with; else the workspace's coordinator; else its only
   * installed agent; else the built-in coordinator where there is a model, and the guide where
   * there is none.
   */
  public Choice choose(
      String message, UUID userId, String coordinator, List<String> workspaceAgents) {
    Optional<String> mentioned = mentioned(message, userId);
    if (mentioned.isPresent()) {
      return Choice.only(mentioned.get());
    }
    List<String> missing = new ArrayList<>();
    if (coordinator != null) {
      if (isInstalled(coordinator, userId)) {
        return Choice.only(coordinator);
      }
      missing.add(coordinator);
    }
    List<String> installed = new ArrayList<>();
    for (String agentId : workspaceAgents) {
      if (isInstalled(agentId, userId)) {
        installed.add(agentId);
      } else if (!agentId.equals(coordinator)) {
        missing.add(agentId);
      }
    }
    MissingAgents told = MissingAgents.of(missing, MissingAgents.TOLD);
    if (installed.size() == 1) {
      return new Choice(installed.get(0), told);
    }
    return new Choice(models.configured() ? BuiltIns.COORDINATOR : BuiltIns.GUIDE, told);
  }

  /** What the agent is given of a message: all but the mention of itself that it opens with. */
  public String withoutMention(String message, String agentId, UUID userId) {
    Matcher mention = MENTION.matcher(message);
    return mentioned(message, userId).filter(agentId::equals).isPresent() && mention.lookingAt()
        ? message.substring(mention.end())
        : message;
  }

  public boolean isInstalled(String agentId, UUID userId) {
    return catalog.find(agentId, userId).isPresent();
  }

  private Optional<String> mentioned(String message, UUID userId) {
    Matcher mention = MENTION.matcher(message);
    if (!mention.lookingAt()) {
      return Optional.empty();
    }
    String agentId = mention.group(1).toLowerCase(Locale.ROOT);
    return isInstalled(agentId, userId) ? Optional.of(agentId) : Optional.empty();
  }
}
