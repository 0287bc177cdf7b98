package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.LayerNormKernel.Gradient;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Gradients of a layer norm, block by block: one pass over a block's channels for all sums, one for
 * the input's gradient. Each block leaves its part of the parameters' gradients; those are added in
 * the order of blocks, whoever computed them.
 */
final class LayerNormGradient {
  private final Gradient call;
  private final LayerNormBlocks blocks;
  private final float[] weights;

  /** Sums of {@code dy} and of {@code dy xhat}, by block and channel. */
  private final float[] dbias;

  private final float[] dweight;

  LayerNormGradient(Gradient call, LayerNormBlocks blocks) {
    this.call = call;
    this.blocks = blocks;
    weights = numbers(call.weight());
    dbias = new float[blocks.count() * blocks.channels()];
    dweight = new float[dbias.length];
  }

  static float[] numbers(Tensor tensor) {
    float[] numbers = new float[tensor.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) tensor.at(i);
    }
    return numbers;
  }

  void run(Workers workers) {
    blocks.forEach(
        workers,
        (from, to) -> {
          Memory memory = new Memory(blocks);
          for (int block = from; block < to; block++) {
            sums(block, memory);
            inputGradient(block, memory);
          }
        });
    total(dbias, call.dbias());
    total(dweight, call.dweight());
  }

  /** What one thread needs: numbers by position, and a register by channel. */
  private record Memory(
      float[] means,
      float[] invStds,
      float[] sums,
      float[] dots,
      float[] biases,
      float[] weights,
      int[] rows,
      float[] totals) {
    Memory(LayerNormBlocks blocks) {
      this(
          new float[blocks.width()],
          new float[blocks.width()],
          new float[blocks.width()],
          new float[blocks.width()],
          new float[Lanes.roundUp(blocks.channels()) * WIDTH],
          new float[Lanes.roundUp(blocks.channels()) * WIDTH],
          new int[Lanes.roundUp(blocks.channels())],
          new float[Lanes.roundUp(blocks.channels()) * WIDTH / 4]);
      Arrays.setAll(rows, i -> i * WIDTH);
    }
  }

  private void sums(int block, Memory m) {
    int size = blocks.size(block);
    int position = blocks.sample(block) * blocks.length() + blocks.from(block);
    load(call.mean().bytes(), position, m.means, size);
    load(call.invStd().bytes(), position, m.invStds, size);
    Arrays.fill(m.sums, 0, size, 0);
    Arrays.fill(m.dots, 0, size, 0);
    int start = blocks.start(block);
    int step = blocks.length();
    int c = 0;
    for (; c < weights.length - 1; c += 2, start += 2 * step) {
      LayerNormRows.addGradientsOfTwo(
          call.dy().bytes(),
          call.x().bytes(),
          start,
          step,
          m.means,
          m.invStds,
          weights,
          c,
          m.sums,
          m.dots,
          size,
          m.biases,
          m.weights);
    }
    if (c < weights.length) {
      LayerNormRows.addGradients(
          call.dy().bytes(),
          call.x().bytes(),
          start,
          m.means,
          m.invStds,
          weights[c],
          m.sums,
          m.dots,
          size,
          m.biases,
          m.weights,
          c * WIDTH);
    }
    keep(m.biases, block, m, dbias);
    keep(m.weights, block, m, dweight);
  }

  private static void load(ByteBuffer from, int position, float[] to, int size) {
    for (int i = 0; i < size; i += WIDTH) {
      Lanes.load(from, position + i).intoArray(to, i);
    }
  }

  /** Sums each channel's register, but for what another block has counted. */
  private void keep(float[] registers, int block, Memory m, float[] to) {
    int counted = blocks.size(block) - blocks.fresh(block);
    for (int c = 0; counted > 0 && c < weights.length; c++) {
      Arrays.fill(registers, c * WIDTH, c * WIDTH + counted, 0);
    }
    LaneSums.of(registers, 0, m.rows, m.rows.length, m.totals);
    System.arraycopy(m.totals, 0, to, block * weights.length, weights.length);
  }

  private void inputGradient(int block, Memory m) {
    int size = blocks.size(block);
    coefficients(m, weights.length, size);
    int start = blocks.start(block);
    int step = blocks.length();
    int c = 0;
    for (; c < weights.length - 1; c += 2, start += 2 * step) {
      LayerNormRows.inputGradientOfTwo(
          call.dy().bytes(),
          call.x().bytes(),
          start,
          step,
          weights,
          c,
          m.invStds,
          m.dots,
          m.means,
          m.sums,
          call.dx().bytes(),
          size);
    }
    if (c < weights.length) {
      LayerNormRows.inputGradient(
          call.dy().bytes(),
          call.x().bytes(),
          start,
          weights[c],
          m.invStds,
          m.dots,
          m.means,
          m.sums,
          call.dx().bytes(),
          size);
    }
  }

  /** Turns dot products into slopes, {@code -invStd^2 mean(..)}, and sums into offsets. */
  private static void coefficients(Memory m, int channels, int size) {
    for (int i = 0; i < size; i += WIDTH) {
      FloatVector invStd = FloatVector.fromArray(SPECIES, m.invStds, i);
      FloatVector scale = invStd.div(channels).neg();
      FloatVector.fromArray(SPECIES, m.dots, i).mul(scale).mul(invStd).intoArray(m.dots, i);
      FloatVector.fromArray(SPECIES, m.sums, i).mul(scale).intoArray(m.sums, i);
    }
  }

  private void total(float[] parts, Tensor gradient) {
    for (int c = 0; c < weights.length; c++) {
      double sum = 0;
      for (int block = 0; block < blocks.count(); block++) {
        sum += parts[block * weights.length + c];
      }
      gradient.put(c, sum);
    }
  }
}
