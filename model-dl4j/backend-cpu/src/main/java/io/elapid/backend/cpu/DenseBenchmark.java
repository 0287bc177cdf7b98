package io.elapid.backend.cpu;

import static io.elapid.benchmark.DenseOperation.ANCHORS;
import static io.elapid.benchmark.DenseOperation.CHANNELS;
import static io.elapid.benchmark.DenseOperation.CLASSES;
import static io.elapid.benchmark.DenseOperation.HEIGHT;
import static io.elapid.benchmark.DenseOperation.LABELS;
import static io.elapid.benchmark.DenseOperation.LEVELS;
import static io.elapid.benchmark.DenseOperation.POOLING;
import static io.elapid.benchmark.DenseOperation.REGIONS;
import static io.elapid.benchmark.DenseOperation.SIDE;
import static io.elapid.benchmark.DenseOperation.WIDTH;

import io.elapid.benchmark.DenseOperation;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.LossKernel.Result;
import io.elapid.kernel.LossKernel.Targets;
import io.elapid.kernel.Resampling;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.List;
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

/** What detectors and segmenters do beside convolutions; one call is one picture. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DenseBenchmark {
  /** What is done. */
  @Param public DenseOperation operation;

  /** VECTOR or REFERENCE. */
  @Param({"VECTOR"})
  public String kernels;

  /** Threads of one call; the reference has one. */
  @Param({"2"})
  public int workers;

  private final Random random = new Random(1);
  private KernelSet set;
  private Runnable call;

  /** Makes what is read and written. */
  @Setup
  public void prepare() {
    set = CpuKernels.valueOf(kernels).create(workers);
    call =
        switch (operation) {
          case ROI_ALIGN, ROI_ALIGN_GRADIENT -> regions();
          case NEAREST, NEAREST_GRADIENT -> nearest();
          case LINEAR, LINEAR_GRADIENT -> linear();
          case FOCAL -> focal();
          case CROSS_ENTROPY -> crossEntropy();
        };
  }

  private Runnable regions() {
    List<Tensor> levels = new ArrayList<>();
    for (int level = 0; level < LEVELS; level++) {
      levels.add(level(level));
    }
    Tensor rois = Tensor.zeros(ElementType.FLOAT, REGIONS, 5);
    for (int i = 0; i < REGIONS; i++) {
      // as many of each power of two, from 16 pixels to the whole picture
      double height = 16 * Math.pow(2, 5.5 * random.nextDouble());
      double width = 16 * Math.pow(2, 5.5 * random.nextDouble());
      double x = random.nextDouble() * Math.max(0, WIDTH - width);
      double y = random.nextDouble() * Math.max(0, HEIGHT - height);
      double[] roi = {0, x, y, Math.min(WIDTH, x + width), Math.min(HEIGHT, y + height)};
      for (int k = 0; k < roi.length; k++) {
        rois.put(5 * i + k, roi[k]);
      }
    }
    Tensor pooled = tensor(REGIONS, CHANNELS, POOLING.height(), POOLING.width());
    return operation == DenseOperation.ROI_ALIGN
        ? () -> set.roiAlign().forward(levels, rois, POOLING, pooled)
        : () -> set.roiAlign().gradient(pooled, rois, POOLING, levels);
  }

  private Tensor level(int index) {
    return tensor(1, CHANNELS, HEIGHT >> (index + 2), WIDTH >> (index + 2));
  }

  private Runnable nearest() {
    Tensor large = level(0);
    Tensor small = level(1);
    return operation == DenseOperation.NEAREST
        ? () -> set.resample().forward(small, Resampling.NEAREST, large)
        : () -> set.resample().gradient(large, Resampling.NEAREST, small);
  }

  private Runnable linear() {
    Tensor large = tensor(1, LABELS, SIDE, SIDE);
    Tensor small = tensor(1, LABELS, SIDE / 4, SIDE / 4);
    return operation == DenseOperation.LINEAR
        ? () -> set.resample().forward(small, Resampling.LINEAR, large)
        : () -> set.resample().gradient(large, Resampling.LINEAR, small);
  }

  private Runnable focal() {
    Tensor logits = tensor(1, ANCHORS * CLASSES, HEIGHT / 8, WIDTH / 8);
    Targets labels = labels(CLASSES + 1, 1, ANCHORS, HEIGHT / 8, WIDTH / 8);
    Result result = result(logits);
    return () -> set.losses().focal(logits, labels, 0.25, 2, result);
  }

  private Runnable crossEntropy() {
    Tensor logits = tensor(1, LABELS, SIDE, SIDE);
    Targets labels = labels(LABELS, 1, SIDE, SIDE);
    Result result = result(logits);
    return () -> set.losses().crossEntropy(logits, labels, 255, result);
  }

  private Targets labels(int classes, long... shape) {
    Tensor labels = Tensor.zeros(ElementType.FLOAT, shape);
    for (int i = 0; i < labels.size(); i++) {
      labels.put(i, random.nextInt(classes));
    }
    return new Targets(labels, Optional.empty());
  }

  private static Result result(Tensor logits) {
    Tensor divisor = Tensor.zeros(ElementType.FLOAT, 1);
    divisor.fill(100);
    long[] shape = new long[logits.rank()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = logits.dim(i);
    }
    return new Result(
        divisor, Tensor.zeros(ElementType.FLOAT, 1), Tensor.zeros(ElementType.FLOAT, shape));
  }

  private Tensor tensor(long... shape) {
    Tensor tensor = Tensor.zeros(ElementType.FLOAT, shape);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.put(i, i % 97 / 16.0 - 3);
    }
    return tensor;
  }

  /** Ends the threads. */
  @TearDown
  public void close() {
    set.close();
  }

  /** One picture. */
  @Benchmark
  public void picture() {
    call.run();
  }
}
