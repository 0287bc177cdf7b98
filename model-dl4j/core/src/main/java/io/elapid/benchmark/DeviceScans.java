package io.elapid.benchmark;

import io.elapid.kernel.Accelerator;
import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.kernel.DeviceBenchmark;
import io.elapid.kernel.DeviceSpeeds;
import io.elapid.kernel.ScanTimes;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/**
 * Times scans on a device and prints them beside the floor that its speeds, measured there, set.
 */
public final class DeviceScans {
  private static final String LEGEND =
      """

      Times in us, medians, of operands in the device's memory. Forward: y, and the states that the
      gradient starts from. Gradient: all derivatives, from those and dy; forward is not in it.
      Share: floor / time. Floor: memory or exp, whichever is longer.
      Memory: MB at the speed of copying. MB are what the operation reads and writes, each once: forward
      the maps u and y, the step sizes delta (B, K, L, D), b and c; the gradient the maps u, dy and du,
      delta, ddelta, b, c, db and dc.
      Exp: N + 2 exponentials for every step of a channel, as many again for the gradient, which computes
      states anew; 16 a clock on a multiprocessor.
      Fused: the floor, could the operation take in the projection to step sizes and so move no delta.
      Launches: what as many kernels take that have nothing to do.""";

  private final Accelerator accelerator;
  private final List<TimedScan> scans;

  public DeviceScans(Accelerator accelerator, List<TimedScan> scans) {
    this.accelerator = accelerator;
    this.scans = List.copyOf(scans);
  }

  /** Nanoseconds and bytes of a pass, or of both. */
  private record Row(
      double time,
      double floor,
      double bytes,
      double memory,
      double exponentials,
      double fused,
      double launches) {
    static Row of(ScanTimes.Pass pass, Work work, Work fused, Work.Speeds speeds, double launch) {
      return new Row(
          pass.nanoseconds(),
          work.floor(speeds),
          work.bytes(),
          work.bytes() / speeds.bytes(),
          work.exponentials() / speeds.exponentials(),
          fused.floor(speeds),
          pass.launches() * launch);
    }

    Row plus(Row other) {
      return new Row(
          time + other.time,
          floor + other.floor,
          bytes + other.bytes,
          memory + other.memory,
          exponentials + other.exponentials,
          fused + other.fused,
          launches + other.launches);
    }

    void print(PrintStream out, String scan, String pass) {
      out.printf(
          Locale.ROOT,
          "%-30s%-9s%10.1f%10.1f%6.0f%%%10.1f%10.1f%10.1f%10.1f%10.1f%n",
          scan,
          pass,
          time / 1e3,
          floor / 1e3,
          100 * floor / time,
          bytes / 1e6,
          memory / 1e3,
          exponentials / 1e3,
          fused / 1e3,
          launches / 1e3);
    }
  }

  /**
   * Measures and prints one scan after the other.
   *
   * @throws AcceleratorUnavailableException when the device cannot be measured
   */
  public void run(PrintStream out) throws AcceleratorUnavailableException {
    try (DeviceBenchmark benchmark = accelerator.benchmark()) {
      DeviceSpeeds device = benchmark.speeds();
      Work.Speeds speeds = TimedScan.speeds(device);
      out.printf(
          Locale.ROOT,
          "%s%ncopying %.1f GB/s, %.0f G exponentials/s of %d multiprocessors at %.2f GHz%n%n",
          accelerator.description(),
          speeds.bytes(),
          speeds.exponentials(),
          device.multiprocessors(),
          device.gigahertz());
      out.printf(
          "%-30s%-9s%10s%10s%7s%10s%10s%10s%10s%10s%n",
          "scan", "pass", "time", "floor", "share", "MB", "memory", "exp", "fused", "launches");
      for (TimedScan scan : scans) {
        rows(out, scan, benchmark, speeds, device.launch());
      }
    }
    LEGEND.lines().forEach(out::println);
  }

  private static void rows(
      PrintStream out,
      TimedScan scan,
      DeviceBenchmark benchmark,
      Work.Speeds speeds,
      double launch) {
    ScanTimes times = benchmark.scan(scan.geometry());
    int bytes = benchmark.elementBytes();
    Row forward =
        Row.of(times.forward(), scan.forward(bytes), scan.fusedForward(bytes), speeds, launch);
    Row gradient =
        Row.of(times.gradient(), scan.gradient(bytes), scan.fusedGradient(bytes), speeds, launch);
    forward.print(out, scan.name(), "forward");
    gradient.print(out, scan.name(), "gradient");
    forward.plus(gradient).print(out, scan.name(), "both");
  }
}
