package io.coterie.metrics;

import io.coterie.agent.AgentObserver;
import io.coterie.chat.RunObserver;
import io.coterie.http.RequestLog;
import io.coterie.http.RequestWatch;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * What the server counts and measures, for Prometheus: seconds and bytes, names by its conventions
 * and, for HTTP, by those of OpenTelemetry. The number of series is bounded, whatever clients send.
 * Thread-safe.
 */
public final class Metrics implements AgentObserver, RunObserver {

  private static final double[] REQUEST_SECONDS = {
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30
  };
  private static final double[] MODEL_SECONDS = {0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300};
  private static final double[] STREAM_SECONDS = {1, 10, 60, 300, 1_800, 7_200, 43_200};
  private static final List<String> RUN_ENDS =
      List.of("completed", "failed", "cancelled", "interrupted");
  private static final int MAX_MODELS = 50;
  private static final double NANOS = 1e9;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final BoundedLabels models = new BoundedLabels(MAX_MODELS);
  private final Map<String, IntSupplier> connections = new ConcurrentHashMap<>();

  private final Histogram requests =
      histogram(
          "http_server_request_duration_seconds",
          "Time from a request's headers to the end of its answer, of all but event streams.",
          REQUEST_SECONDS,
          "method",
          "route",
          "status");
  private final Histogram streams =
      histogram(
          "http_server_stream_duration_seconds",
          "Time that event streams were open.",
          STREAM_SECONDS,
          "method",
          "route");
  private final Counter runs = counter("coterie_runs", "Runs that ended.", "status");
  private final Counter tokens =
      counter("coterie_model_tokens", "Tokens of models.", "direction", "model");
  private final Histogram modelRequests =
      histogram(
          "coterie_model_request_duration_seconds",
          "Time that a request to a model took.",
          MODEL_SECONDS,
          "model",
          "outcome");
  private final Histogram firstToken =
      histogram(
          "coterie_model_first_token_seconds",
          "Time until a model said the first word, or asked for a tool.",
          MODEL_SECONDS,
          "model");
  private final Counter tools = counter("coterie_tool_calls", "Calls of tools.", "outcome");

  /**
   * @param version of this server
   */
  public Metrics(String version) {
    JvmMetrics.register(registry);
    gauge("coterie_build_info", "Which version this is; always 1.", "version")
        .callback(callback -> callback.call(1, version))
        .register(registry);
    // What never happened is 0, so that a rate sees the first time.
    RUN_ENDS.forEach(runs::initLabelValues);
    List.of("finished", "failed").forEach(tools::initLabelValues);
    gauge("coterie_open_connections", "Live connections of clients.", "transport")
        .callback(
            callback -> connections.forEach((name, count) -> callback.call(count.getAsInt(), name)))
        .register(registry);
  }

  /** Adds a kind of live connections. */
  public void addConnections(String transport, IntSupplier count) {
    connections.put(transport, count);
  }

  /** Adds how many runs there are; only once. */
  public void addRuns(IntSupplier running, IntSupplier queued) {
    number("coterie_runs_running", "Runs that are worked on.", running);
    number("coterie_runs_queued", "Runs that wait for their turn.", queued);
  }

  /**
   * Adds the connections to the database and the length of its file; only once.
   *
   * @param bytes 0 where it is in no file
   */
  public void addDatabase(IntSupplier used, int max, LongSupplier bytes) {
    gauge("coterie_database_file_bytes", "Length of the database's file.")
        .callback(callback -> callback.call(bytes.getAsLong()))
        .register(registry);
    number("coterie_database_connections_used", "Database connections in use.", used);
    number("coterie_database_connections_max", "Database connections there may be.", () -> max);
  }

  /** An HTTP request ended. */
  public void requestEnded(RequestWatch.Ended request) {
    String method = RequestLog.method(request);
    double seconds = request.nanos() / NANOS;
    if (request.streamed()) {
      streams.labelValues(method, request.route()).observe(seconds);
    } else {
      requests
          .labelValues(method, request.route(), Integer.toString(request.status()))
          .observe(seconds);
    }
  }

  @Override
  public void ended(String status) {
    runs.labelValues(status).inc();
  }

  @Override
  public void modelCalled(ModelCall call) {
    String model = models.of(call.model());
    String outcome = call.outcome().name().toLowerCase(Locale.ROOT);
    modelRequests.labelValues(model, outcome).observe(call.nanos() / NANOS);
    if (call.firstTextNanos() >= 0) {
      firstToken.labelValues(model).observe(call.firstTextNanos() / NANOS);
    }
    tokens.labelValues("input", model).inc(call.inputTokens());
    tokens.labelValues("output", model).inc(call.outputTokens());
  }

  @Override
  public void toolUsed(boolean failed) {
    tools.labelValues(failed ? "failed" : "finished").inc();
  }

  /** All values as they are now. */
  MetricSnapshots scrape() {
    return registry.scrape();
  }

  private Counter counter(String name, String help, String... labels) {
    return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
  }

  private Histogram histogram(String name, String help, double[] bounds, String... labels) {
    return Histogram.builder()
        .name(name)
        .help(help)
        .unit(Unit.SECONDS)
        .labelNames(labels)
        .classicOnly()
        .classicUpperBounds(bounds)
        .register(registry);
  }

  private void number(String name, String help, IntSupplier value) {
    gauge(name, help).callback(callback -> callback.call(value.getAsInt())).register(registry);
  }

  private static GaugeWithCallback.Builder gauge(String name, String help, String... labels) {
    return GaugeWithCallback.builder().name(name).help(help).labelNames(labels);
  }
}
