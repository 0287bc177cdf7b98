package io.elapid.backend.cpu;

import io.elapid.kernel.ElementType;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.OptimizerKernel;
import io.elapid.kernel.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The passes over the flat vectors of a training step. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class UpdateBenchmark {
  /** Parameters of the network. */
  @Param({"6000000"})
  public int parameters;

  /** Threads of one call. */
  @Param({"2"})
  public int workers;

  private KernelSet set;
  private OptimizerKernel.Vectors vectors;
  private List<OptimizerKernel.Range> ranges;
  private OptimizerKernel.Coefficients coefficients;

  /** Fills the vectors; two thirds of the parameters decay, the rest does not. */
  @Setup
  public void prepare() {
    set = CpuKernels.VECTOR.create(workers);
    vectors =
        new OptimizerKernel.Vectors(
            vector(0.1), vector(1e-3), vector(1e-3), vector(1e-6), Optional.of(vector(0.1)));
    int split = parameters / 3 * 2;
    ranges =
        List.of(
            new OptimizerKernel.Range(0, split, 0.9999, 1),
            new OptimizerKernel.Range(split, parameters, 1, 1));
    coefficients = new OptimizerKernel.Coefficients(1, 0.9, 0.999, 1e-4, 1, 1e-8, 0.9999);
  }

  private Tensor vector(double scale) {
    Tensor vector = Tensor.zeros(ElementType.FLOAT, parameters);
    for (int i = 0; i < parameters; i++) {
      vector.put(i, scale * (1 + i % 17));
    }
    return vector;
  }

  /** Ends the threads. */
  @TearDown
  public void close() {
    set.close();
  }

  /** AdamW and the moving average: five vectors read, four of them written. */
  @Benchmark
  public void adamW() {
    set.optimizer().adamW(vectors, ranges, coefficients);
  }

  /** The norm of the gradients, that clipping asks for: one vector read. */
  @Benchmark
  public double squares() {
    return set.optimizer().squares(vectors.gradients());
  }
}
