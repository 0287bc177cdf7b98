package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Gemm.PANEL;
import static io.elapid.backend.cpu.Gemm.ROWS;

import io.elapid.backend.cpu.GemmProduct.Left;
import io.elapid.kernel.ConvolutionKernel.InputGradient;
import io.elapid.kernel.ConvolutionShape;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * {@code dx} of a convolution. Pixel {@code i * stride + r} of the input is reached by the taps
 * {@code p} with {@code (r + padding - p) % stride == 0}, from output {@code i + (r + padding - p)
 * / stride}: for each phase r a convolution of dy with stride 1. Those of all phases share the
 * patches of dy, of which each needs those up to a certain shift. Where taps lie apart, which they
 * do with stride 1 alone, so do the shifts.
 */
final class DenseGradient {
  private final ConvolutionShape shape;
  private final Axis vertical;
  private final Axis horizontal;
  private final int[] depths;

  DenseGradient(ConvolutionShape shape) {
    this.shape = shape;
    vertical =
        new Axis(
            shape.height(),
            shape.kernelHeight(),
            shape.strideHeight(),
            shape.paddingHeight(),
            shape.dilation());
    horizontal =
        new Axis(
            shape.width(),
            shape.kernelWidth(),
            shape.strideWidth(),
            shape.paddingWidth(),
            shape.dilation());
    depths = new int[shape.strideHeight() * shape.strideWidth()];
    for (int r = 0; r < depths.length; r++) {
      int last = -1;
      for (int p = 0; p < shape.kernelHeight(); p++) {
        for (int q = 0; q < shape.kernelWidth(); q++) {
          last = Math.max(last, shift(r, p, q));
        }
      }
      depths[r] = (last + 1) * shape.outputs();
    }
  }

  /** One direction of the map. */
  private record Axis(int length, int kernel, int stride, int padding, int dilation) {
    /** Points of the grid that all phases share. */
    int grid() {
      return (length + stride - 1) / stride;
    }

    boolean reaches(int phase, int tap) {
      return Math.floorMod(phase + padding - tap * dilation, stride) == 0;
    }

    int least() {
      return Math.floorDiv(padding - (kernel - 1) * dilation + stride - 1, stride);
    }

    int most() {
      return Math.floorDiv(stride - 1 + padding, stride);
    }

    int shifts() {
      return (most() - least()) / dilation + 1;
    }

    /** Points between the first shift and the last. */
    int reach() {
      return (shifts() - 1) * dilation;
    }

    /** Which of the shifts, the least of them being number 0. */
    int shift(int phase, int tap) {
      return (Math.floorDiv(phase + padding - tap * dilation, stride) - least()) / dilation;
    }
  }

  /** Number of the shift for a phase and a tap, or -1 if they do not meet. */
  private int shift(int phase, int p, int q) {
    int row = phase / shape.strideWidth();
    int column = phase % shape.strideWidth();
    return vertical.reaches(row, p) && horizontal.reaches(column, q)
        ? vertical.shift(row, p) * horizontal.shifts() + horizontal.shift(column, q)
        : -1;
  }

  void run(GemmProduct product, InputGradient a) {
    GemmPlanes.Layout layout =
        new GemmPlanes.Layout(
            shape.outputs(),
            shape.outputHeight(),
            shape.outputWidth(),
            1,
            1,
            -vertical.least(),
            -horizontal.least(),
            vertical.grid() + vertical.reach(),
            horizontal.grid() + horizontal.reach());
    GemmPatches dy =
        new GemmPatches(
            a.dy().bytes(),
            shape.batch(),
            layout,
            vertical.grid(),
            horizontal.grid(),
            taps(layout),
            new Object());
    ByteBuffer dx = a.dx().bytes();
    product.run(
        left(product, a.w().bytes()),
        dy,
        (tiles, row, rows, first, count) -> store(tiles, row, rows, first, count, dx));
  }

  private int depth() {
    return vertical.shifts() * horizontal.shifts() * shape.outputs();
  }

  private int[] taps(GemmPlanes.Layout layout) {
    int[] taps = new int[depth()];
    for (int k = 0; k < taps.length; k++) {
      int shift = k / shape.outputs();
      taps[k] =
          layout.start(k % shape.outputs(), 0, 0)
              + shift / horizontal.shifts() * shape.dilation() * layout.columns()
              + shift % horizontal.shifts() * shape.dilation();
    }
    return taps;
  }

  /** Weights by channel and phase, in the order of shifts and outputs. */
  private Left left(GemmProduct product, ByteBuffer w) {
    int channels = shape.channels();
    int outputs = shape.outputs();
    int depth = depth();
    float[] byTap = product.transposed(w, outputs, shape.taps());
    float[] values = product.left(channels, depth, depths.length);
    Arrays.fill(values, 0, (channels + ROWS - 1) / ROWS * ROWS * depths.length * depth, 0);
    for (int p = 0; p < shape.kernelHeight(); p++) {
      for (int q = 0; q < shape.kernelWidth(); q++) {
        int phase = phase(p, q);
        int shift = shift(phase, p, q);
        for (int c = 0; c < channels && shift >= 0; c++) {
          int row = (c / ROWS * depths.length + phase) * ROWS + c % ROWS;
          int from = (c * shape.kernelHeight() + p) * shape.kernelWidth() + q;
          System.arraycopy(byTap, from * outputs, values, row * depth + shift * outputs, outputs);
        }
      }
    }
    return new Left(values, channels, depth, depths);
  }

  /** The phase that a tap reaches. */
  private int phase(int p, int q) {
    int row = p * shape.dilation() - shape.paddingHeight();
    int column = q * shape.dilation() - shape.paddingWidth();
    return Math.floorMod(row, shape.strideHeight()) * shape.strideWidth()
        + Math.floorMod(column, shape.strideWidth());
  }

  /** Writes the tiles of all phases, whose pixels alternate. */
  private void store(float[][] tiles, int row, int rows, int first, int count, ByteBuffer dx) {
    int points = vertical.grid() * horizontal.grid();
    for (int done = 0; done < count; ) {
      int point = (first + done) % points;
      int i = point / horizontal.grid();
      int j = point % horizontal.grid();
      int run = Math.min(horizontal.grid() - j, count - done);
      int map = (first + done) / points * shape.channels() + row;
      for (int r = 0; r < rows; r++) {
        for (int p = 0; p < shape.strideHeight(); p++) {
          int line = i * shape.strideHeight() + p;
          if (line < shape.height()) {
            int start = ((map + r) * shape.height() + line) * shape.width();
            line(tiles, p, r * PANEL + done, run, j * shape.strideWidth(), dx, start);
          }
        }
      }
      done += run;
    }
  }

  /** Writes the pixels of {@code run} points of one line from column {@code j} on. */
  private void line(float[][] tiles, int p, int from, int run, int j, ByteBuffer dx, int start) {
    int stride = shape.strideWidth();
    int count = Math.min(run * stride, shape.width() - j);
    float[] source = tiles[p * stride];
    if (stride == 1) {
      GemmMaps.store(source, from, count, dx, start + j);
      return;
    }
    float[] line = tiles[0];
    int end = Gemm.TILE;
    if (stride == 2) {
      GemmInterleave.pairs(source, tiles[p * stride + 1], from, run, line, end);
    } else {
      for (int i = 0; i < count; i++) {
        line[end + i] = tiles[p * stride + i % stride][from + i / stride];
      }
    }
    GemmMaps.store(line, end, count, dx, start + j);
  }
}
