package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.LayerNormKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** By blocks of positions that stay in the cache between the passes over their channels. */
record VectorLayerNorm(Workers workers, LayerNormKernel reference) implements LayerNormKernel {

  private static boolean fits(Tensor x) {
    return Lanes.areFloat(x) && x.sizeFrom(2) >= WIDTH;
  }

  @Override
  public void forward(Forward a) {
    if (!fits(a.x())) {
      reference.forward(a);
      return;
    }
    LayerNormBlocks blocks = LayerNormBlocks.of(a.x());
    float[] weights = LayerNormGradient.numbers(a.weight());
    float[] biases = LayerNormGradient.numbers(a.bias());
    blocks.forEach(
        workers,
        (from, to) -> {
          float[] means = new float[blocks.width()];
          float[] invStds = new float[blocks.width()];
          for (int block = from; block < to; block++) {
            statistics(a, blocks, block, means, invStds);
            normalise(a, blocks, block, means, invStds, weights, biases);
          }
        });
  }

  private static void normalise(
      Forward a,
      LayerNormBlocks blocks,
      int block,
      float[] means,
      float[] invStds,
      float[] weights,
      float[] biases) {
    ByteBuffer x = a.x().bytes();
    ByteBuffer y = a.y().bytes();
    int size = blocks.size(block);
    int step = blocks.length();
    int start = blocks.start(block);
    int c = 0;
    for (; c < weights.length - 1; c += 2, start += 2 * step) {
      LayerNormRows.normaliseTwo(x, start, step, means, invStds, weights, biases, c, y, size);
    }
    if (c < weights.length) {
      LayerNormRows.normalise(x, start, means, invStds, weights[c], biases[c], y, size);
    }
  }

  private static void statistics(
      Forward a, LayerNormBlocks blocks, int block, float[] means, float[] invStds) {
    int size = blocks.size(block);
    int start = blocks.start(block);
    int channels = blocks.channels();
    int step = blocks.length();
    Arrays.fill(means, 0, size, 0);
    ColumnSums.addSums(a.x().bytes(), start, step, channels, means, size);
    divide(means, channels, size);
    Arrays.fill(invStds, 0, size, 0);
    ColumnSums.addSquares(a.x().bytes(), start, step, channels, means, invStds, size);
    invert(invStds, channels, (float) a.eps(), size);
    int position = blocks.sample(block) * step + blocks.from(block);
    for (int i = 0; i < size; i += WIDTH) {
      Lanes.store(FloatVector.fromArray(SPECIES, means, i), a.mean().bytes(), position + i);
      Lanes.store(FloatVector.fromArray(SPECIES, invStds, i), a.invStd().bytes(), position + i);
    }
  }

  private static void divide(float[] sums, int by, int size) {
    for (int i = 0; i < size; i += WIDTH) {
      FloatVector.fromArray(SPECIES, sums, i).div(by).intoArray(sums, i);
    }
  }

  /** From sums of squares to inverse standard deviations. */
  private static void invert(float[] squares, int channels, float eps, int size) {
    for (int i = 0; i < size; i += WIDTH) {
      FloatVector variance = FloatVector.fromArray(SPECIES, squares, i).div(channels);
      Lanes.all(1f).div(variance.add(eps).lanewise(VectorOperators.SQRT)).intoArray(squares, i);
    }
  }

  @Override
  public void gradient(Gradient a) {
    if (!fits(a.x())) {
      reference.gradient(a);
      return;
    }
    new LayerNormGradient(a, LayerNormBlocks.of(a.x())).run(workers);
  }
}
