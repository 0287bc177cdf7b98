package io.elapid.backend.cpu;

import io.elapid.benchmark.MapOperation;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.List;
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

/** Operations that move the pixels of maps; one call is one batch. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MapBenchmark {
  /** What is done. */
  @Param public MapOperation operation;

  /** VECTOR or REFERENCE. */
  @Param({"VECTOR"})
  public String kernels;

  /** Pictures. */
  @Param({"16"})
  public int batch;

  /** Threads of one call; the reference has one. */
  @Param({"2"})
  public int workers;

  private KernelSet set;
  private Runnable call;

  /** Makes the maps. */
  @Setup
  public void prepare() {
    set = CpuKernels.valueOf(kernels).create(workers);
    int side = operation.side();
    int small = side / operation.factor();
    int channels = operation.channels();
    Tensor map = tensor(channels, side);
    Tensor other = tensor(channels, side);
    Tensor low = tensor(channels, small);
    Tensor quarters = tensor(operation.factor() == 2 ? 4 * channels : 1, small);
    List<Tensor> halves = List.of(tensor(channels / 2, side), tensor(channels / 2, side));
    call =
        switch (operation) {
          case HAAR -> () -> set.haar().forward(map, quarters);
          case HAAR_INVERSE -> () -> set.haar().inverse(quarters, map);
          case LAPLACE_SPLIT -> () -> set.laplace().split(map, low, other);
          case LAPLACE_SPLIT_GRADIENT -> () -> set.laplace().splitGradient(low, other, map);
          case LAPLACE_MERGE -> () -> set.laplace().merge(low, other, map);
          case LAPLACE_MERGE_GRADIENT -> () -> set.laplace().mergeGradient(map, low);
          case PATCH_GATHER -> () -> set.patches().gather(map, quarters);
          case PATCH_SCATTER -> () -> set.patches().scatter(quarters, map);
          case CHANNEL_SPLIT -> () -> set.channelCopy().split(map, halves);
          case CHANNEL_CONCAT -> () -> set.channelCopy().concatenate(halves, map);
        };
  }

  private Tensor tensor(int channels, int side) {
    Tensor tensor = Tensor.zeros(ElementType.FLOAT, batch, channels, side, side);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.put(i, i % 97);
    }
    return tensor;
  }

  /** Ends the threads. */
  @TearDown
  public void close() {
    set.close();
  }

  /** One batch. */
  @Benchmark
  public void map() {
    call.run();
  }
}
