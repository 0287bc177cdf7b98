package io.elapid.worker;

import io.elapid.kernel.AcceleratorProvider;
import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.kernel.DeviceFigures;
import io.elapid.kernel.DeviceMonitor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the driver every few steps how busy, full and warm the GPU of this rank is: event {@code
 * gpu}. Every rank speaks for its own. Silent on CPUs, and from the first failure on: figures never
 * stop a run.
 */
final class GpuReport implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GpuReport.class);
  private static final double MEBIBYTE = 1L << 20;

  private final RankContext context;
  private final int everySteps;
  private final Consumer<Map<String, ?>> driver;
  private Optional<DeviceMonitor> monitor;

  GpuReport(
      RankContext context,
      int everySteps,
      Optional<DeviceMonitor> monitor,
      Consumer<Map<String, ?>> driver) {
    this.context = context;
    this.everySteps = everySteps;
    this.monitor = monitor;
    this.driver = driver;
  }

  /** For the device that this process computes with. */
  static GpuReport of(RankContext context, int everySteps) {
    return new GpuReport(
        context, everySteps, ofProcess(), figures -> RunEvents.send("gpu", figures));
  }

  private static Optional<DeviceMonitor> ofProcess() {
    Optional<AcceleratorProvider> provider = AcceleratorProvider.ofProcess();
    try {
      return provider.isPresent() ? Optional.of(provider.get().monitor()) : Optional.empty();
    } catch (AcceleratorUnavailableException e) {
      LOG.info("Nothing measures the GPU: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * To be called after every step.
   *
   * @param done steps so far
   */
  void step(long done) {
    if (monitor.isEmpty() || done % everySteps != 0) {
      return;
    }
    try {
      DeviceFigures figures = monitor.get().read();
      Map<String, Object> event = new LinkedHashMap<>();
      event.put("step", done);
      event.put("rank", context.rank());
      figures.utilization().ifPresent(value -> event.put("gpu_utilization_percent", value));
      figures.memoryUsed().ifPresent(b -> event.put("gpu_memory_used_mib", b / MEBIBYTE));
      figures.memoryTotal().ifPresent(b -> event.put("gpu_memory_total_mib", b / MEBIBYTE));
      figures.temperature().ifPresent(value -> event.put("gpu_temperature_celsius", value));
      driver.accept(event);
    } catch (RuntimeException e) {
      LOG.warn("The GPU is not measured any more; the run goes on: {}", e.getMessage());
      close();
    }
  }

  @Override
  public void close() {
    try {
      monitor.ifPresent(DeviceMonitor::close);
    } catch (RuntimeException e) {
      LOG.debug("the monitor of the GPU did not close: {}", e.toString());
    }
    monitor = Optional.empty();
  }
}
