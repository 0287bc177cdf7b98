package io.elapid.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.ReferenceKernels;
import io.elapid.kernel.Tensor;
import java.util.List;
import java.util.function.Function;

/** Kernels on the device against the plain loops in double. */
final class Gpu {
  private Gpu() {}

  /** Runs something on both, and on the device twice: that must give the same bits. */
  static void compare(Function<KernelSet, List<Tensor>> run, double tolerance) {
    compare(run, Storage.FLOAT32, tolerance);
  }

  /** The same where the device rounds what it stores, of inputs that are rounded already. */
  static void compare(Function<KernelSet, List<Tensor>> run, Storage storage, double tolerance) {
    List<Tensor> expected = run.apply(new ReferenceKernels());
    try (CudaAccelerator accelerator = CudaAccelerator.open(Offload.COPIED);
        KernelSet set = accelerator.over(new ReferenceKernels(), storage)) {
      List<Tensor> found = run.apply(set);
      assertClose(found, expected, rounding(storage), tolerance);
      List<Tensor> again = run.apply(set);
      for (int k = 0; k < found.size(); k++) {
        assertThat(again.get(k).bytes()).as("result %d", k).isEqualTo(found.get(k).bytes());
      }
    } catch (AcceleratorUnavailableException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Half a unit in the last place of 1, with a little to spare. */
  private static double rounding(Storage storage) {
    return switch (storage) {
      case FLOAT32 -> 0;
      case BFLOAT16 -> 0x1.01p-8;
      case FLOAT16 -> 0x1.01p-11;
    };
  }

  private static void assertClose(
      List<Tensor> found, List<Tensor> expected, double rounding, double tolerance) {
    assertThat(found).hasSameSizeAs(expected);
    for (int k = 0; k < expected.size(); k++) {
      double scale = 0;
      double error = 0;
      for (int i = 0; i < expected.get(k).size(); i++) {
        scale = Math.max(scale, Math.abs(expected.get(k).at(i)));
        double difference = Math.abs(found.get(k).at(i) - expected.get(k).at(i));
        double beyond = difference - rounding * Math.abs(expected.get(k).at(i));
        error = beyond <= error ? error : beyond;
      }
      assertThat(error).as("result %d", k).isLessThanOrEqualTo(tolerance * scale);
    }
  }
}
