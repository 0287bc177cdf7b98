package io.elapid.backend.cuda;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.SelectiveScanKernel.Inputs;
import io.elapid.kernel.SelectiveScanKernel.Outputs;
import io.elapid.kernel.StepRule;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scans of the published networks' shapes, and at every edge of how they are cut. */
@Tag(StandInCondition.TAG)
@Tag("gpu")
class CudaSelectiveScanTest {
  private final Filled filled = new Filled(11);

  private static long[] steps(ScanGeometry g, int values) {
    return new long[] {g.batch(), g.directions(), g.steps(), values};
  }

  private Inputs inputs(ScanGeometry g, StepRule rule, boolean withRows) {
    long rows = (long) g.directions() * g.channels();
    return new Inputs(
        filled.tensor(-1, 1, g.batch(), g.mapChannels(), g.height(), g.width()),
        filled.tensor(-0.1, 0.5, steps(g, g.channels())),
        filled.tensor(-1, 1, steps(g, g.states())),
        filled.tensor(-1, 1, steps(g, g.states())),
        filled.tensor(-0.5, 1, rows, g.states()),
        withRows ? Optional.of(filled.tensor(0.5, 1.5, rows)) : Optional.empty(),
        withRows ? Optional.of(filled.tensor(-0.1, 0, rows)) : Optional.empty(),
        rule,
        g);
  }

  /** Outputs, saved states and all gradients, in that order. */
  private static List<Tensor> run(KernelSet set, Inputs in, Tensor dy) {
    ScanGeometry g = in.geometry();
    int rows = in.aLog().dim(0);
    long[] map = {g.batch(), g.mapChannels(), g.height(), g.width()};
    Tensor y = Filled.empty(map);
    Tensor states =
        Filled.empty(g.batch(), g.directions(), g.savedStates(), g.states(), g.channels());
    set.selectiveScan().forward(in, y, states);
    Outputs out =
        new Outputs(
            Filled.empty(map),
            Filled.empty(steps(g, g.channels())),
            Filled.empty(steps(g, g.states())),
            Filled.empty(steps(g, g.states())),
            Filled.empty(rows, g.states()),
            in.skip().map(t -> Filled.empty(rows)),
            in.bias().map(t -> Filled.empty(rows)));
    set.selectiveScan().gradient(in, dy, states, out);
    List<Tensor> all = new ArrayList<>(List.of(y, states, out.du(), out.ddelta(), out.db()));
    all.addAll(List.of(out.dc(), out.daLog()));
    out.dskip().ifPresent(all::add);
    out.dbias().ifPresent(all::add);
    return all;
  }

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
    int directions = order == ScanOrder.SEQUENTIAL ? 3 : order.directions();
    ScanGeometry g = new ScanGeometry(order, batch, directions, channels, height, width, states);
    for (StepRule rule : StepRule.values()) {
      Inputs in = inputs(g, rule, rule == StepRule.SOFTPLUS);
      Tensor dy = filled.tensor(-1, 1, batch, g.mapChannels(), height, width);
      Gpu.compare(set -> run(set, in, dy), 2e-5);
    }
  }
}
