package io.coterie.metrics;

import io.coterie.http.Access;
import io.javalin.http.Context;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * {@code GET /metrics}: Prometheus' text format 0.0.4, or OpenMetrics 1.0.0 where the client names
 * that in {@code Accept}. Thread-safe.
 */
public final class MetricsHandler {

  private final Metrics metrics;
  private final boolean open;
  private final ExpositionFormatWriter openMetrics = new OpenMetricsTextFormatWriter(false, true);
  private final ExpositionFormatWriter text = new PrometheusTextFormatWriter(false);

  /**
   * @param open whether anybody may read them
   */
  public MetricsHandler(Metrics metrics, boolean open) {
    this.metrics = metrics;
    this.open = open;
  }

  /** Who may read the metrics. */
  public Access access() {
    return open ? Access.PUBLIC : Access.ADMIN;
  }

  public void read(Context ctx) throws IOException {
    ExpositionFormatWriter writer = openMetrics.accepts(ctx.header("Accept")) ? openMetrics : text;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writer.write(out, metrics.scrape());
    ctx.contentType(writer.getContentType()).result(out.toByteArray());
  }
}
