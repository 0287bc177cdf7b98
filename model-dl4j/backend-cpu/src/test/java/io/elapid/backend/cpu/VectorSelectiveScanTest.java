package io.elapid.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.elapid.kernel.ElementType;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.ReferenceKernels;
import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.SelectiveScanKernel.Inputs;
import io.elapid.kernel.SelectiveScanKernel.Outputs;
import io.elapid.kernel.StepRule;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Beyond what every kernel is held to: growing decays, and one sample shared among threads. */
class VectorSelectiveScanTest {
  private final Random random = new Random(5);

  private Tensor tensor(double low, double high, long... dimensions) {
    Tensor tensor = Tensor.zeros(ElementType.FLOAT, dimensions);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.put(i, low + (high - low) * random.nextDouble());
    }
    return tensor;
  }

  private static long[] steps(ScanGeometry g, int values) {
    return new long[] {g.batch(), g.directions(), g.steps(), values};
  }

  private Inputs inputs(ScanGeometry g, StepRule rule, double least) {
    long rows = (long) g.directions() * g.channels();
    return new Inputs(
        tensor(-1, 1, g.batch(), g.mapChannels(), g.height(), g.width()),
        tensor(least, 0.5, steps(g, g.channels())),
        tensor(-1, 1, steps(g, g.states())),
        tensor(-1, 1, steps(g, g.states())),
        tensor(-0.5, 1, rows, g.states()),
        Optional.of(tensor(0.5, 1.5, rows)),
        Optional.of(tensor(-0.1, 0, rows)),
        rule,
        g);
  }

  /** Outputs, saved states and all gradients, in that order. */
  private List<Tensor> run(KernelSet set, Inputs in, Tensor dy) {
    ScanGeometry g = in.geometry();
    int rows = in.aLog().dim(0);
    Tensor y = Tensor.zeros(ElementType.FLOAT, g.batch(), g.mapChannels(), g.height(), g.width());
    Tensor states =
        Tensor.zeros(
            ElementType.FLOAT,
            g.batch(),
            g.directions(),
            g.savedStates(),
            g.states(),
            g.channels());
    set.selectiveScan().forward(in, y, states);
    Outputs out =
        new Outputs(
            Tensor.zeros(ElementType.FLOAT, g.batch(), g.mapChannels(), g.height(), g.width()),
            Tensor.zeros(ElementType.FLOAT, steps(g, g.channels())),
            Tensor.zeros(ElementType.FLOAT, steps(g, g.states())),
            Tensor.zeros(ElementType.FLOAT, steps(g, g.states())),
            Tensor.zeros(ElementType.FLOAT, rows, g.states()),
            Optional.of(Tensor.zeros(ElementType.FLOAT, rows)),
            Optional.of(Tensor.zeros(ElementType.FLOAT, rows)));
    set.selectiveScan().gradient(in, dy, states, out);
    List<Tensor> all = new ArrayList<>(List.of(y, states, out.du(), out.ddelta(), out.db()));
    all.addAll(List.of(out.dc(), out.daLog(), out.dskip().get(), out.dbias().get()));
    return all;
  }

  private static void assertClose(List<Tensor> found, List<Tensor> expected, double tolerance) {
    for (int k = 0; k < expected.size(); k++) {
      double largest = 0;
      for (int i = 0; i < expected.get(k).size(); i++) {
        largest = Math.max(largest, Math.abs(expected.get(k).at(i)));
      }
      for (int i = 0; i < expected.get(k).size(); i++) {
        assertThat(found.get(k).at(i))
            .as("result %d, element %d", k, i)
            .isCloseTo(expected.get(k).at(i), within(tolerance * largest));
      }
    }
  }

  private static void assertSame(List<Tensor> found, List<Tensor> expected) {
    for (int k = 0; k < expected.size(); k++) {
      assertThat(found.get(k).bytes()).as("result %d", k).isEqualTo(expected.get(k).bytes());
    }
  }

  /** Kernels keep their scratch from one scan to the next. */
  @Test
  void aScanOfMoreStatesMayFollowOneOfFewer() {
    try (KernelSet kernels = new VectorKernels(1);
        KernelSet reference = new ReferenceKernels()) {
      for (int states : new int[] {5, 8, 2, 4, 13, 16, 1, 3}) {
        ScanGeometry g = new ScanGeometry(ScanOrder.SEQUENTIAL, 1, 1, 16, 1, 64, states);
        Inputs in = inputs(g, StepRule.SOFTPLUS, -1);
        Tensor dy = tensor(-1, 1, 1, 16, 1, 64);
        assertClose(run(kernels, in, dy), run(reference, in, dy), 2e-5);
      }
    }
  }

  @Test
  void noNumberStaysBehindForTheNextScan() {
    try (KernelSet kernels = new VectorKernels(1);
        KernelSet reference = new ReferenceKernels()) {
      for (int states : new int[] {5, 8, 8, 1, 4}) {
        ScanGeometry g = new ScanGeometry(ScanOrder.SEQUENTIAL, 1, 1, 16, 1, 64, states);
        Inputs in = inputs(g, StepRule.SOFTPLUS, -1);
        Tensor dy = tensor(-1, 1, 1, 16, 1, 64);
        assertClose(run(kernels, in, dy), run(reference, in, dy), 2e-5);
        run(kernels, in, tensor(Double.NaN, Double.NaN, 1, 16, 1, 64));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CROSS, 1, 70, 6, 7, 4",
    "CROSS, 1, 12, 7, 7, 8",
    "CROSS, 2, 40, 9, 5, 3",
    "BIDIRECTIONAL, 1, 100, 9, 9, 1",
    "BIDIRECTIONAL, 3, 5, 3, 3, 1",
    "ATROUS, 1, 33, 15, 14, 16",
    "SEQUENTIAL, 1, 24, 1, 70, 2"
  })
  void agreesWithTheReferenceAndWithItselfOnAnyNumberOfThreads(
      ScanOrder order, int batch, int channels, int height, int width, int states) {
    int directions = order == ScanOrder.SEQUENTIAL ? 3 : order.directions();
    ScanGeometry g = new ScanGeometry(order, batch, directions, channels, height, width, states);
    for (StepRule rule : StepRule.values()) {
      Inputs in = inputs(g, rule, -0.1);
      Tensor dy = tensor(-1, 1, batch, g.mapChannels(), height, width);
      List<Tensor> expected;
      try (KernelSet reference = new ReferenceKernels()) {
        expected = run(reference, in, dy);
      }
      List<Tensor> first = List.of();
      for (int threads = 1; threads <= 4; threads++) {
        try (KernelSet vector = new VectorKernels(threads)) {
          List<Tensor> found = run(vector, in, dy);
          assertClose(found, expected, 2e-5);
          assertSame(found, first.isEmpty() ? found : first);
          first = found;
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8})
  void decaysThatVanishAreThoseOfTheReference(int states) {
    ScanGeometry g = new ScanGeometry(ScanOrder.CROSS, 2, 4, 20, 9, 9, states);
    Inputs in = inputs(g, StepRule.SOFTPLUS, -0.1);
    // In the first chunk and the last, one channel among many in some steps and all in others.
    for (int t : new int[] {3, 20, 70, 80}) {
      for (int d = 0; d < (t == 20 ? 20 : 1); d++) {
        in.delta().put((4 * 81 + t) * 20 + d, 50 * (t + 1));
      }
    }
    Tensor dy = tensor(-1, 1, 2, 20, 9, 9);
    try (KernelSet reference = new ReferenceKernels();
        KernelSet vector = new VectorKernels(2)) {
      assertClose(run(vector, in, dy), run(reference, in, dy), 2e-5);
    }
  }

  @ParameterizedTest
  @CsvSource({"-2", "-300"})
  void growsWithoutSoftplusAsTheReferenceDoes(double least) {
    ScanGeometry g = new ScanGeometry(ScanOrder.SEQUENTIAL, 1, 1, 17, 1, 5, 2);
    Inputs in = inputs(g, StepRule.IDENTITY, least);
    Tensor dy = tensor(-1, 1, 1, 17, 1, 5);
    try (KernelSet reference = new ReferenceKernels();
        KernelSet vector = new VectorKernels(1)) {
      List<Tensor> expected = run(reference, in, dy);
      List<Tensor> found = run(vector, in, dy);
      if (least < -100) {
        assertSame(found, expected);
      } else {
        assertClose(found, expected, 2e-5);
      }
    }
  }
}
