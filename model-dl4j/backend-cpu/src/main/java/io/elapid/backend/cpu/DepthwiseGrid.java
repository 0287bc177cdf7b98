package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ConvolutionShape;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * How maps lie in scratch memory so that each tap of a depthwise convolution is one shift of the
 * whole map.
 *
 * <p>The zero-padded input is dealt out into {@code strideHeight * strideWidth} phases: pixel (i,
 * j) of phase (a, b) is the padded pixel {@code (i * strideHeight + a, j * strideWidth + b)}. In
 * all phases, and in output maps, rows are {@code pitch} floats apart; then output {@code f} of the
 * flattened map is the sum of {@code w[p, q] * phase[p % strideHeight, q % strideWidth][f + (p /
 * strideHeight) * pitch + q / strideWidth]}, whatever its row. Columns between an output row's end
 * and the pitch are computed for nothing.
 */
final class DepthwiseGrid {
  /** Ones, then zeros, a register each. */
  private static final float[] FIRST = new float[2 * WIDTH];

  static {
    Arrays.fill(FIRST, 0, WIDTH, 1f);
  }

  final ConvolutionShape shape;
  final int pitch;
  final int rows;

  /** The farthest shift of a tap. */
  final int reach;

  /** Floats of a flattened output, in whole registers. */
  final int outputs;

  /** Floats of a flattened phase, in whole registers. */
  final int inputs;

  /** Floats from one phase to the next. */
  final int phase;

  DepthwiseGrid(ConvolutionShape shape) {
    this.shape = shape;
    int right = (shape.kernelWidth() - 1) / shape.strideWidth();
    int down = (shape.kernelHeight() - 1) / shape.strideHeight();
    pitch = shape.outputWidth() + right;
    rows = shape.outputHeight() + down;
    reach = down * pitch + right;
    outputs = Lanes.roundUp(shape.outputHeight() * pitch);
    inputs = Lanes.roundUp(rows * pitch);
    phase = Math.max(inputs, outputs + reach) + WIDTH;
  }

  int phases() {
    return shape.strideHeight() * shape.strideWidth();
  }

  int taps() {
    return shape.kernelHeight() * shape.kernelWidth();
  }

  int phaseOf(int tap) {
    int p = tap / shape.kernelWidth();
    int q = tap % shape.kernelWidth();
    return p % shape.strideHeight() * shape.strideWidth() + q % shape.strideWidth();
  }

  int shiftOf(int tap) {
    int p = tap / shape.kernelWidth();
    int q = tap % shape.kernelWidth();
    return p / shape.strideHeight() * pitch + q / shape.strideWidth();
  }

  float[] inputScratch() {
    return new float[phases() * phase];
  }

  /** Deals out the map at {@code start} into zeroed scratch, or into what held another map. */
  void loadInput(ByteBuffer x, int start, float[] to) {
    for (int h = 0; h < shape.height(); h++) {
      int i = (h + shape.paddingHeight()) / shape.strideHeight();
      if (i >= rows) {
        return;
      }
      int from = start + h * shape.width();
      int a = (h + shape.paddingHeight()) % shape.strideHeight();
      int row = a * shape.strideWidth() * phase + i * pitch;
      if (shape.strideWidth() == 1) {
        // What lies behind the row is zero, or written later.
        loadRow(x, from, shape.width(), to, row + shape.paddingWidth());
      } else {
        dealOut(x, from, to, row);
      }
    }
  }

  private void dealOut(ByteBuffer x, int from, float[] to, int row) {
    int stride = shape.strideWidth();
    int column = shape.paddingWidth() / stride;
    int b = shape.paddingWidth() % stride;
    for (int w = 0; w < shape.width() && column < pitch; w++) {
      to[row + b * phase + column] = Lanes.get(x, from + w);
      b++;
      if (b == stride) {
        b = 0;
        column++;
      }
    }
  }

  /** The inverse of {@link #loadInput}; what no output saw is 0. */
  void storeInput(float[] from, ByteBuffer x, int start) {
    int end = start + shape.positions();
    for (int h = 0; h < shape.height(); h++) {
      int i = (h + shape.paddingHeight()) / shape.strideHeight();
      int to = start + h * shape.width();
      if (i >= rows) {
        Rows.fill(x, to, end - to, 0);
        return;
      }
      int a = (h + shape.paddingHeight()) % shape.strideHeight();
      int row = a * shape.strideWidth() * phase + i * pitch;
      if (shape.strideWidth() == 1) {
        storeRow(from, row + shape.paddingWidth(), x, to, shape.width(), end);
      } else {
        collect(from, row, x, to);
      }
    }
  }

  private void collect(float[] from, int row, ByteBuffer x, int to) {
    int stride = shape.strideWidth();
    int column = shape.paddingWidth() / stride;
    int b = shape.paddingWidth() % stride;
    for (int w = 0; w < shape.width(); w++) {
      Lanes.put(x, to + w, column < pitch ? from[row + b * phase + column] : 0);
      b++;
      if (b == stride) {
        b = 0;
        column++;
      }
    }
  }

  /** Output maps behind {@code at} floats. */
  void loadOutput(ByteBuffer y, int start, float[] to, int at) {
    int width = shape.outputWidth();
    for (int i = 0; i < shape.outputHeight(); i++) {
      loadRow(y, start + i * width, width, to, at + i * pitch);
    }
  }

  void storeOutput(float[] from, ByteBuffer y, int start) {
    int width = shape.outputWidth();
    int end = start + shape.outputPositions();
    for (int i = 0; i < shape.outputHeight(); i++) {
      storeRow(from, i * pitch, y, start + i * width, width, end);
    }
  }

  /** In whole registers, zeros behind the row. */
  private static void loadRow(ByteBuffer x, int from, int width, float[] to, int at) {
    int whole = Lanes.bound(width);
    for (int k = 0; k < whole; k += WIDTH) {
      Lanes.load(x, from + k).intoArray(to, at + k);
    }
    if (whole == width) {
      return;
    }
    if (from + whole + WIDTH <= x.limit() >> 2) {
      FloatVector first = FloatVector.fromArray(SPECIES, FIRST, WIDTH - (width - whole));
      Lanes.load(x, from + whole)
          .blend(0f, first.compare(VectorOperators.EQ, 0f))
          .intoArray(to, at + whole);
      return;
    }
    for (int k = whole; k < width; k++) {
      to[at + k] = Lanes.get(x, from + k);
    }
  }

  /** In whole registers as far as they do not reach behind the map, which ends at {@code end}. */
  private static void storeRow(float[] from, int at, ByteBuffer y, int to, int width, int end) {
    int k = 0;
    for (; k < width && to + k + WIDTH <= end; k += WIDTH) {
      Lanes.store(FloatVector.fromArray(SPECIES, from, at + k), y, to + k);
    }
    for (; k < width; k++) {
      Lanes.put(y, to + k, from[at + k]);
    }
  }
}
