package io.elapid.backend.cpu;

import io.elapid.benchmark.ScanShape;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanProjectionKernel;
import io.elapid.kernel.SelectiveScanKernel;
import io.elapid.kernel.StepRule;
import io.elapid.kernel.Tensor;
import java.util.Optional;
import java.util.Random;
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

/** Scans and their projections on the shapes of the networks; one call is one batch. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ScanBenchmark {
  /** Shape. */
  @Param public ScanShape shape;

  /** VECTOR or REFERENCE. */
  @Param({"VECTOR"})
  public String kernels;

  /** Pictures. */
  @Param({"16"})
  public int batch;

  /** Threads of one call; the reference has one. */
  @Param({"2"})
  public int workers;

  private final Random random = new Random(1);
  private KernelSet set;
  private SelectiveScanKernel.Inputs scan;
  private SelectiveScanKernel.Outputs scanGradients;
  private ScanProjectionKernel.Inputs projection;
  private ScanProjectionKernel.Outputs projected;
  private ScanProjectionKernel.Gradient projectionGradients;
  private Tensor dy;
  private Tensor y;
  private Tensor states;

  /** Fills the inputs with random numbers. */
  @Setup
  public void prepare() {
    set = CpuKernels.valueOf(kernels).create(workers);
    ScanGeometry g = shape.geometry(batch);
    long[] map = {batch, g.mapChannels(), g.height(), g.width()};
    long rows = (long) g.directions() * g.channels();
    long[] weights = {g.directions(), shape.rank() + 2L * g.states(), g.channels()};
    long[] stepWeights = {g.directions(), g.channels(), shape.rank()};
    Tensor u = tensor(-1, 1, map);
    Tensor delta = tensor(-1, 1, steps(g, g.channels()));
    Tensor b = tensor(-1, 1, steps(g, g.states()));
    Tensor c = tensor(-1, 1, steps(g, g.states()));
    scan =
        new SelectiveScanKernel.Inputs(
            u,
            delta,
            b,
            c,
            tensor(-0.5, 2, rows, g.states()),
            Optional.of(tensor(0.5, 1.5, rows)),
            Optional.of(tensor(-6, -2, rows)),
            StepRule.SOFTPLUS,
            g);
    dy = tensor(-1, 1, map);
    y = tensor(0, 0, map);
    states = tensor(0, 0, batch, g.directions(), g.savedStates(), g.states(), g.channels());
    scanGradients =
        new SelectiveScanKernel.Outputs(
            tensor(0, 0, map),
            tensor(0, 0, steps(g, g.channels())),
            tensor(0, 0, steps(g, g.states())),
            tensor(0, 0, steps(g, g.states())),
            tensor(0, 0, rows, g.states()),
            Optional.of(tensor(0, 0, rows)),
            Optional.of(tensor(0, 0, rows)));
    Tensor r = tensor(-1, 1, steps(g, shape.rank()));
    projection =
        new ScanProjectionKernel.Inputs(
            u, tensor(-0.1, 0.1, weights), tensor(-0.1, 0.1, stepWeights), g);
    projected =
        new ScanProjectionKernel.Outputs(
            tensor(0, 0, steps(g, g.channels())),
            tensor(0, 0, steps(g, g.states())),
            tensor(0, 0, steps(g, g.states())),
            tensor(0, 0, steps(g, shape.rank())));
    projectionGradients =
        new ScanProjectionKernel.Gradient(
            delta, b, c, r, tensor(0, 0, map), tensor(0, 0, weights), tensor(0, 0, stepWeights));
    if (CpuKernels.valueOf(kernels) == CpuKernels.VECTOR) {
      set.selectiveScan().forward(scan, y, states);
    }
  }

  private static long[] steps(ScanGeometry g, int values) {
    return new long[] {g.batch(), g.directions(), g.steps(), values};
  }

  private Tensor tensor(double low, double high, long... dimensions) {
    Tensor tensor = Tensor.zeros(ElementType.FLOAT, dimensions);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.put(i, low + (high - low) * random.nextDouble());
    }
    return tensor;
  }

  /** Ends the threads. */
  @TearDown
  public void close() {
    set.close();
  }

  /** Forward scan. */
  @Benchmark
  public void scan() {
    set.selectiveScan().forward(scan, y, states);
  }

  /** Gradient of the scan. */
  @Benchmark
  public void scanGradient() {
    set.selectiveScan().gradient(scan, dy, states, scanGradients);
  }

  /** Projections. */
  @Benchmark
  public void projection() {
    set.scanProjection().forward(projection, projected);
  }

  /** Gradient of the projections. */
  @Benchmark
  public void projectionGradient() {
    set.scanProjection().gradient(projection, projectionGradients);
  }
}
