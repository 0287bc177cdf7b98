package io.elapid.backend.cuda;

import io.elapid.benchmark.DeviceScans;
import io.elapid.benchmark.TimedScan;
import java.util.List;

/**
 * What {@code elapid bench ops --kernels cuda} prints, without the command line and its libraries:
 * on the GPU machine that a bundle went to.
 *
 * <p>Arguments: batch, and what names of shapes start with.
 */
final class GpuTimes {
  private GpuTimes() {}

  public static void main(String[] args) throws Exception {
    int batch = args.length == 0 ? 128 : Integer.parseInt(args[0]);
    String prefix = args.length < 2 ? "" : args[1];
    List<TimedScan> scans =
        TimedScan.published(batch).stream().filter(s -> s.name().startsWith(prefix)).toList();
    try (CudaAccelerator accelerator = CudaAccelerator.open(Offload.COPIED)) {
      System.out.println("batch " + batch);
      new DeviceScans(accelerator, scans).run(System.out);
    }
  }
}
