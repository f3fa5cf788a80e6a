package io.coterie;

import io.coterie.agent.AgentCatalog;
import io.coterie.agent.AgentChooser;
import io.coterie.agent.AgentObserver;
import io.coterie.agent.AgentRunner;
import io.coterie.agent.AgentTools;
import io.coterie.config.Config;
import io.coterie.model.ModelCatalog;
import io.coterie.model.ModelTimeouts;
import io.coterie.model.Models;
import io.coterie.model.Provider;
import io.coterie.storage.Database;
import io.coterie.tools.McpServers;
import io.coterie.user.Admins;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The agents with their models and tools, put together.
 *
 * @param catalog all agents
 * @param chooser which of them answers
 * @param tools their tools
 * @param runner works on runs
 * @param models what they ask
 * @param toolServers what their tools are asked of
 */
record Agents(
    AgentCatalog catalog,
    AgentChooser chooser,
    AgentTools tools,
    AgentRunner runner,
    Models models,
    McpServers toolServers) {

  static Agents build(
      Config config,
      Models models,
      Database database,
      AgentCatalog catalog,
      ExecutorService threads,
      AgentObserver observer) {
    McpServers toolServers =
        new McpServers(
            config.dataDir().resolve("tools"),
            config.agents().toolStartTimeout(),
            config.agents().toolTimeout());
    AgentTools tools = new AgentTools(toolServers, new Admins(database), threads);
    AgentRunner.Limits limits =
        new AgentRunner.Limits(
            config.agents().maxDepth(),
            config.agents().maxSteps(),
            config.agents().maxTokens(),
            config.agents().maxHistorySize());
    return new Agents(
        catalog,
        new AgentChooser(catalog, models),
        tools,
        new AgentRunner(catalog, models, tools, threads, limits, observer),
        models,
        toolServers);
  }

  /** The models that the settings name. */
  static Models models(Config config) {
    Map<String, Provider> providers =
        config.providers().stream()
            .map(
                p ->
                    new Provider(
                        p.name(), Provider.Type.valueOf(p.type().name()), p.baseUrl(), p.apiKey()))
            .collect(Collectors.toMap(Provider::name, Function.identity()));
    Config.Model model = config.model();
    return new ModelCatalog(
        providers,
        model.defaultModel(),
        new ModelTimeouts(model.connectTimeout(), model.firstTokenTimeout(), model.idleTimeout()));
  }

  /** Ends what tools and models hold; their programs are given so long to end by themselves. */
  void close(Duration patience) throws Exception {
    toolServers.close(patience);
    if (models instanceof AutoCloseable closeable) {
      closeable.close();
    }
  }
}
