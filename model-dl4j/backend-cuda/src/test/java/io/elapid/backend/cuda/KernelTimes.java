package io.elapid.backend.cuda;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.ReferenceKernels;
import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.SelectiveScanKernel.Inputs;
import io.elapid.kernel.StepRule;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Times scans of the published networks' shapes on a GPU, without copies: the launches of one call
 * are repeated on what that call has left on the device.
 *
 * <p>Argument: the batch. Prints microseconds of forward and gradient, the bytes that a fused scan
 * must at least move, and their rate.
 */
final class KernelTimes {
  private static final int REPEATS = 20;
  private static final int ROUNDS = 7;

  private KernelTimes() {}

  private static Map<String, ScanGeometry> shapes(int batch) {
    Map<String, ScanGeometry> shapes = new LinkedHashMap<>();
    shapes.put("TinyViM-B 1", new ScanGeometry(ScanOrder.CROSS, batch, 4, 12, 7, 7, 8));
    shapes.put("TinyViM-B 4", new ScanGeometry(ScanOrder.CROSS, batch, 4, 288, 7, 7, 8));
    shapes.put(
        "MobileMamba-B1 1", new ScanGeometry(ScanOrder.BIDIRECTIONAL, batch, 2, 320, 8, 8, 1));
    shapes.put(
        "EfficientVMamba-B 1", new ScanGeometry(ScanOrder.ATROUS, batch, 4, 192, 56, 56, 16));
    shapes.put(
        "EfficientVMamba-B 2", new ScanGeometry(ScanOrder.ATROUS, batch, 4, 384, 28, 28, 16));
    return shapes;
  }

  public static void main(String[] args) throws Exception {
    int batch = args.length == 0 ? 128 : Integer.parseInt(args[0]);
    try (CudaAccelerator accelerator = CudaAccelerator.open(Offload.ALL);
        KernelSet set = accelerator.over(new ReferenceKernels())) {
      System.out.println(accelerator.description() + ", batch " + batch);
      System.out.printf(
          "%-20s %12s %12s %12s %12s%n", "scan", "forward us", "gradient us", "MB", "GB/s");
      for (Map.Entry<String, ScanGeometry> shape : shapes(batch).entrySet()) {
        time(accelerator.device(), set, shape.getKey(), shape.getValue());
      }
    }
  }

  private static void time(Device device, KernelSet set, String name, ScanGeometry g) {
    Filled filled = new Filled(1);
    Optional<Tensor> skip =
        Optional.of(filled.tensor(0.5, 1.5, (long) g.directions() * g.channels()));
    Inputs in = KernelChecks.inputs(filled, g, StepRule.SOFTPLUS, skip);
    Tensor dy = filled.tensor(-1, 1, g.batch(), g.mapChannels(), g.height(), g.width());
    List<Launch> launches = new ArrayList<>();
    device.observe(launches::add);
    KernelChecks.scan(set, in, dy);
    device.observe(launch -> {});
    int gradient = 0;
    while (!isGradient(launches.get(gradient))) {
      gradient++;
    }
    double forwardMicros = micros(device, launches.subList(0, gradient));
    double gradientMicros = micros(device, launches.subList(gradient, launches.size()));
    long floats = 2L * in.u().size() + in.delta().size() + in.b().size() + in.c().size();
    double bytes = 4.0 * floats;
    System.out.printf(
        "%-20s %12.1f %12.1f %12.1f %12.1f%n",
        name, forwardMicros, gradientMicros, bytes / 1e6, bytes / forwardMicros / 1e3);
  }

  private static boolean isGradient(Launch launch) {
    return launch.function().equals("scan_gather")
        || launch.function().startsWith("scan_segment_carries");
  }

  /** The median of some rounds. */
  private static double micros(Device device, List<Launch> launches) {
    double[] rounds = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      device.synchronize();
      long start = System.nanoTime();
      for (int i = 0; i < REPEATS; i++) {
        launches.forEach(device::launch);
      }
      device.synchronize();
      rounds[round] = (System.nanoTime() - start) / 1e3 / REPEATS;
    }
    java.util.Arrays.sort(rounds);
    return rounds[ROUNDS / 2];
  }
}
