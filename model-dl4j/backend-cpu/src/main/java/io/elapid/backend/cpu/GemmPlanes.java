package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Maps of a few samples with zeros around them, split into phases by stride, so that whatever a tap
 * of a convolution reads for neighbouring outputs lies side by side.
 */
final class GemmPlanes {
  /**
   * How planes are cut out of maps: element (i, j) of phase (p, q) is pixel {@code (i *
   * strideHeight + p - top, j * strideWidth + q - left)} of the map, or zero outside.
   *
   * @param maps maps of a sample
   * @param rows rows of a plane
   * @param columns columns of a plane
   */
  record Layout(
      int maps,
      int height,
      int width,
      int strideHeight,
      int strideWidth,
      int top,
      int left,
      int rows,
      int columns) {
    /** Numbers in a plane. */
    int plane() {
      return rows * columns;
    }

    /** Numbers in the planes of a sample, and what a register may read too much. */
    int sample() {
      return maps * strideHeight * strideWidth * plane() + WIDTH;
    }

    /** Where the plane of a phase of a map starts. */
    int start(int map, int p, int q) {
      return ((map * strideHeight + p) * strideWidth + q) * plane();
    }
  }

  private float[] memory = {};
  private int[] samples = {};
  private Object user;

  /** The planes of all samples that {@link #start} was asked for. */
  float[] memory() {
    return memory;
  }

  /**
   * Makes room for planes of {@code count} successive samples on behalf of one call of a kernel;
   * what other calls left is forgotten.
   */
  @SuppressWarnings("ReferenceEquality") // calls are told apart, not compared
  void use(Object call, Layout layout, int count) {
    if (user != call || samples.length != count) {
      user = call;
      samples = new int[count];
      Arrays.fill(samples, -1);
      memory = GemmScratch.atLeast(memory, count * layout.sample());
    }
  }

  /** Where the planes of a sample start, made now if they are not there. */
  int start(Layout layout, ByteBuffer maps, int sample) {
    int slot = sample % samples.length;
    int start = slot * layout.sample();
    if (samples[slot] != sample) {
      samples[slot] = sample;
      for (int m = 0; m < layout.maps(); m++) {
        int map = (sample * layout.maps() + m) * layout.height() * layout.width();
        for (int p = 0; p < layout.strideHeight(); p++) {
          for (int q = 0; q < layout.strideWidth(); q++) {
            fill(layout, maps, map, p, q, start + layout.start(m, p, q));
          }
        }
      }
    }
    return start;
  }

  /** One plane, row after row, since a row may write a little of what follows it. */
  private void fill(Layout l, ByteBuffer maps, int map, int p, int q, int start) {
    int stride = l.strideWidth();
    int shift = q - l.left();
    // Columns j with 0 <= j * stride + shift < width.
    int first = Math.min(l.columns(), shift >= 0 ? 0 : (stride - 1 - shift) / stride);
    int end = Math.max(first, Math.min(l.columns(), (l.width() - shift + stride - 1) / stride));
    for (int i = 0; i < l.rows(); i++) {
      int row = i * l.strideHeight() + p - l.top();
      int to = start + i * l.columns();
      if (row < 0 || row >= l.height()) {
        Arrays.fill(memory, to, to + l.columns(), 0);
      } else {
        int from = map + row * l.width() + first * stride + shift;
        Arrays.fill(memory, to, to + first, 0);
        GemmInterleave.every(stride, maps, from, end - first, memory, to + first);
        Arrays.fill(memory, to + end, to + l.columns(), 0);
      }
    }
  }
}
