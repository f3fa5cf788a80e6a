package io.coterie.metrics;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.SummaryWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.Unit;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.util.function.DoubleSupplier;
import java.util.function.ToLongFunction;

/**
 * The few numbers of the JVM and the process that people look at, under the names that Prometheus'
 * own clients give them; the beans are asked when somebody reads.
 */
final class JvmMetrics {

  private static final double NANOS = 1e9;
  private static final double MILLIS = 1e3;

  private JvmMetrics() {}

  static void register(PrometheusRegistry registry) {
    memory(registry, "jvm_memory_used_bytes", "Memory in use, by area.", MemoryUsage::getUsed);
    memory(
        registry,
        "jvm_memory_committed_bytes",
        "Memory taken from the system, by area.",
        MemoryUsage::getCommitted);
    memory(
        registry,
        "jvm_memory_max_bytes",
        "Most memory there may be, by area; -1 where there is no limit.",
        MemoryUsage::getMax);
    gauge(
        registry,
        "jvm_threads_current",
        "Threads.",
        () -> ManagementFactory.getThreadMXBean().getThreadCount());
    gauge(
        registry,
        "process_start_time_seconds",
        "When the process began, in seconds since 1970.",
        () -> ManagementFactory.getRuntimeMXBean().getStartTime() / MILLIS);
    gauge(
        registry,
        "process_open_fds",
        "Open file descriptors.",
        () -> ofUnix(UnixOperatingSystemMXBean::getOpenFileDescriptorCount));
    gauge(
        registry,
        "process_max_fds",
        "Most file descriptors there may be.",
        () -> ofUnix(UnixOperatingSystemMXBean::getMaxFileDescriptorCount));
    CounterWithCallback.builder()
        .name("process_cpu_seconds_total")
        .help("CPU time, user and system.")
        .callback(callback -> callback.call(cpuSeconds()))
        .register(registry);
    SummaryWithCallback.builder()
        .name("jvm_gc_collection_seconds")
        .help("Time spent in garbage collection.")
        .unit(Unit.SECONDS)
        .labelNames("gc")
        .callback(
            callback -> {
              for (GarbageCollectorMXBean gc : ManagementFactory.getGarbageCollectorMXBeans()) {
                callback.call(
                    Math.max(0, gc.getCollectionCount()),
                    Math.max(0, gc.getCollectionTime()) / MILLIS,
                    Quantiles.EMPTY,
                    gc.getName());
              }
            })
        .register(registry);
  }

  private static void memory(
      PrometheusRegistry registry, String name, String help, ToLongFunction<MemoryUsage> value) {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("area")
        .callback(
            callback -> {
              callback.call(value.applyAsLong(memory.getHeapMemoryUsage()), "heap");
              callback.call(value.applyAsLong(memory.getNonHeapMemoryUsage()), "nonheap");
            })
        .register(registry);
  }

  private static void gauge(
      PrometheusRegistry registry, String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  /** Not a number where the system does not tell. */
  private static double ofUnix(ToLongFunction<UnixOperatingSystemMXBean> value) {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? value.applyAsLong(unix)
        : Double.NaN;
  }

  private static double cpuSeconds() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? Math.max(0, system.getProcessCpuTime()) / NANOS
        : 0;
  }
}
