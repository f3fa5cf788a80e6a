package io.coterie;

import io.coterie.chat.ChatFeature;
import io.coterie.chat.Connections;
import io.coterie.config.Config;
import io.coterie.http.RequestLog;
import io.coterie.http.RequestWatch;
import io.coterie.metrics.Metrics;
import io.coterie.metrics.MetricsHandler;
import java.util.Locale;
import java.util.function.Consumer;

/** What the operator sees of the server: its metrics, and the log's line for each request. */
final class Observability {

  private final Metrics metrics;
  private final Config.Operations settings;

  Observability(String version, Config.Operations settings) {
    this.metrics = new Metrics(version);
    this.settings = settings;
  }

  /** Counts what rooms tell it. */
  Metrics metrics() {
    return metrics;
  }

  MetricsHandler handler() {
    return new MetricsHandler(metrics, settings.publicMetrics());
  }

  /** Is to be told of every request that ended. */
  Consumer<RequestWatch.Ended> watcher() {
    return settings.requestLog()
        ? request -> {
          metrics.requestEnded(request);
          RequestLog.write(request);
        }
        : metrics::requestEnded;
  }

  /** Adds what is looked up when somebody asks; only once. */
  void watch(ChatFeature chat, DataStore data) {
    for (Connections.Transport transport : Connections.Transport.values()) {
      String name = transport.name().toLowerCase(Locale.ROOT);
      metrics.addConnections(name, () -> chat.connections().count(transport));
    }
    metrics.addRuns(chat.service()::runningRuns, chat.service()::queuedRuns);
    metrics.addDatabase(
        data.database()::usedConnections, data.database().maxConnections(), data::fileSize);
  }
}
