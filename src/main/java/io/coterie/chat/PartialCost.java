package io.coterie.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.coterie.agent.AgentRunner.Cost;
import io.coterie.http.Json;
import java.util.List;

/** What a run had used when that was last saved, for the case that the server does not end it. */
record PartialCost(String model, Integer inputTokens, Integer outputTokens, List<Cost> ofAgents)
    implements RunEnding.Cost {

  private static final TypeReference<List<Cost>> COSTS = new TypeReference<>() {};

  /** As the database keeps it. */
  static String write(List<Cost> costs) {
    return Json.write(costs);
  }

  /** What is known of a run that an earlier process began. */
  static PartialCost of(RunRow run) {
    if (run.partialCosts() == null) {
      return new PartialCost(null, null, null, List.of(new Cost(run.agentId(), null, 0, 0, 0)));
    }
    List<Cost> costs = read(run.partialCosts());
    return new PartialCost(
        costs.isEmpty() ? null : costs.get(0).model(),
        bounded(costs.stream().mapToLong(Cost::inputTokens).sum()),
        bounded(costs.stream().mapToLong(Cost::outputTokens).sum()),
        costs);
  }

  private static List<Cost> read(String json) {
    try {
      return Json.MAPPER.readValue(json, COSTS);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the stored cost of a run is not readable", e);
    }
  }

  private static int bounded(long tokens) {
    return (int) Math.min(Integer.MAX_VALUE, tokens);
  }
}
