package io.coterie.metrics;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.function.DoubleSupplier;

/**
 * The few numbers of the JVM and the process that people look at, under the names that Prometheus'
 * own clients give them; the beans are asked when somebody reads.
 */
final class JvmMetrics {

  private static final double NANOS = 1e9;
  private static final double MILLIS = 1e3;

  private JvmMetrics() {}

  static void register(PrometheusRegistry registry) {
    GaugeWithCallback.builder()
        .name("jvm_memory_used_bytes")
        .help("Memory in use, by area.")
        .labelNames("area")
        .callback(
            callback -> {
              callback.call(heap().getUsed(), "heap");
              callback.call(
                  ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage().getUsed(), "nonheap");
            })
        .register(registry);
    gauge(registry, "jvm_memory_max_bytes", "Most heap there may be.", () -> heap().getMax());
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
    gauge(registry, "process_open_fds", "Open file descriptors.", JvmMetrics::openFiles);
    CounterWithCallback.builder()
        .name("process_cpu_seconds_total")
        .help("CPU time, user and system.")
        .callback(callback -> callback.call(cpuSeconds()))
        .register(registry);
    CounterWithCallback.builder()
        .name("jvm_gc_collection_seconds_total")
        .help("Time spent in garbage collection.")
        .labelNames("gc")
        .callback(
            callback -> {
              for (GarbageCollectorMXBean gc : ManagementFactory.getGarbageCollectorMXBeans()) {
                callback.call(Math.max(0, gc.getCollectionTime()) / MILLIS, gc.getName());
              }
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

  private static MemoryUsage heap() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
  }

  /** Not a number where the system does not tell. */
  private static double openFiles() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getOpenFileDescriptorCount()
        : Double.NaN;
  }

  private static double cpuSeconds() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? Math.max(0, system.getProcessCpuTime()) / NANOS
        : 0;
  }
}
