package io.elapid.backend.cuda;

import io.elapid.kernel.ElementType;
import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.SelectiveScanKernel.Inputs;
import io.elapid.kernel.SelectiveScanKernel.Outputs;
import io.elapid.kernel.StepRule;
import io.elapid.kernel.Tensor;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Optional;
import java.util.SplittableRandom;

/** Operands of a scan with skips, biases and softplus, as the networks have them. */
record RandomScan(Inputs in, Tensor dy, Tensor y, Tensor states, Outputs out) {
  /** Numbers after which a tensor repeats itself. */
  private static final int PERIOD = 99_991;

  RandomScan(ScanGeometry g) {
    this(
        inputs(g),
        random(-1, 1, map(g)),
        zeros(map(g)),
        zeros(g.batch(), g.directions(), g.savedStates(), g.states(), g.channels()),
        new Outputs(
            zeros(map(g)),
            zeros(steps(g, g.channels())),
            zeros(steps(g, g.states())),
            zeros(steps(g, g.states())),
            zeros(rows(g), g.states()),
            Optional.of(zeros(rows(g))),
            Optional.of(zeros(rows(g)))));
  }

  private static Inputs inputs(ScanGeometry g) {
    return new Inputs(
        random(-1, 1, map(g)),
        random(-1, 1, steps(g, g.channels())),
        random(-1, 1, steps(g, g.states())),
        random(-1, 1, steps(g, g.states())),
        random(-0.5, 2, rows(g), g.states()),
        Optional.of(random(0.5, 1.5, rows(g))),
        Optional.of(random(-6, -2, rows(g))),
        StepRule.SOFTPLUS,
        g);
  }

  private static long rows(ScanGeometry g) {
    return (long) g.directions() * g.channels();
  }

  private static long[] map(ScanGeometry g) {
    return new long[] {g.batch(), g.mapChannels(), g.height(), g.width()};
  }

  private static long[] steps(ScanGeometry g, int values) {
    return new long[] {g.batch(), g.directions(), g.steps(), values};
  }

  private static Tensor zeros(long... shape) {
    return Tensor.zeros(ElementType.FLOAT, shape);
  }

  private static Tensor random(double low, double high, long... shape) {
    Tensor tensor = zeros(shape);
    float[] values = new float[Math.min(PERIOD, tensor.size())];
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(low, high);
    }
    FloatBuffer floats = tensor.bytes().duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer();
    while (floats.hasRemaining()) {
      floats.put(values, 0, Math.min(values.length, floats.remaining()));
    }
    return tensor;
  }
}
