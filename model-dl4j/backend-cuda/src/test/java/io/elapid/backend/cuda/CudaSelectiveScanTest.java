package io.elapid.backend.cuda;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.SelectiveScanKernel.Inputs;
import io.elapid.kernel.StepRule;
import io.elapid.kernel.Tensor;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scans of the published networks' shapes, and at every edge of how they are cut. */
@Tag(StandInCondition.TAG)
@Tag("gpu")
class CudaSelectiveScanTest {
  private final Filled filled = new Filled(11);

  @ParameterizedTest
  @CsvSource({
    // TinyViM, MobileMamba, EfficientVMamba
    "CROSS, 2, 12, 7, 7, 8",
    "BIDIRECTIONAL, 1, 100, 8, 8, 1",
    "ATROUS, 1, 40, 28, 28, 16",
    // too large to be merged in shared memory; cut into segments
    "CROSS, 1, 33, 12, 11, 4",
    "CROSS, 1, 5, 16, 15, 8",
    "BIDIRECTIONAL, 3, 5, 20, 15, 1",
    "ATROUS, 1, 3, 56, 56, 16",
    "ATROUS, 1, 33, 31, 30, 3",
    "SEQUENTIAL, 1, 24, 1, 300, 2",
    // chunks
    "SEQUENTIAL, 1, 3, 1, 31, 2",
    "SEQUENTIAL, 1, 3, 1, 32, 2",
    "SEQUENTIAL, 1, 3, 1, 33, 2",
    "SEQUENTIAL, 2, 65, 1, 64, 5",
    "SEQUENTIAL, 1, 1, 1, 1, 1",
    // more states than there are kernels for
    "SEQUENTIAL, 1, 2, 1, 9, 17"
  })
  void agreesWithTheReference(
      ScanOrder order, int batch, int channels, int height, int width, int states) {
    for (Storage storage : Storage.values()) {
      agree(storage, order, batch, channels, height, width, states);
    }
  }

  private void agree(
      Storage storage,
      ScanOrder order,
      int batch,
      int channels,
      int height,
      int width,
      int states) {
    int directions = order == ScanOrder.SEQUENTIAL ? 3 : order.directions();
    ScanGeometry g = new ScanGeometry(order, batch, directions, channels, height, width, states);
    for (StepRule rule : StepRule.values()) {
      Optional<Tensor> skip =
          rule == StepRule.SOFTPLUS
              ? Optional.of(filled.tensor(0.5, 1.5, (long) directions * channels))
              : Optional.empty();
      Inputs in = ScanChecks.inputs(filled, storage, g, rule, skip);
      Tensor dy = filled.stored(storage, -1, 1, batch, g.mapChannels(), height, width);
      Gpu.compare(set -> ScanChecks.scan(set, in, dy), storage, 2e-5);
    }
  }
}
