package io.elapid.backend.cpu;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The interleaved grids of every second row and column of a map, each as a matrix of channels by
 * pixels, row by row whatever the order in which they are scanned. Two neighbouring pixels, which
 * belong to two grids, are read and written as one long number.
 */
final class AtrousGrids {
  /** Every second row, every second column. */
  private static final int STRIDE = 2;

  private final ScanGeometry geometry;
  private final int rows;
  private final int width;

  /** The direction that scans the grid of even or odd rows and columns. */
  private final int[][] grids = new int[STRIDE][STRIDE];

  /** The pixel that step t of direction k reads, at {@code k * steps + t}. */
  private final int[] pixels;

  AtrousGrids(ScanGeometry geometry) {
    this.geometry = geometry;
    rows = (geometry.height() + 1) / STRIDE;
    width = (geometry.width() + 1) / STRIDE;
    pixels = new int[geometry.directions() * geometry.steps()];
    for (int k = 0; k < geometry.directions(); k++) {
      for (int t = 0; t < geometry.steps(); t++) {
        // of the map with its padding, where every step has a place
        int place = ScanOrder.ATROUS.position(k, t, STRIDE * rows, STRIDE * width);
        int row = place / (STRIDE * width);
        int column = place % (STRIDE * width);
        pixels[k * geometry.steps() + t] = row / STRIDE * width + column / STRIDE;
        grids[row % STRIDE][column % STRIDE] = k;
      }
    }
  }

  int[] pixels() {
    return pixels;
  }

  private int mapRow(int sample, int channel, int row) {
    int rowOfBatch = (sample * geometry.channels() + channel) * geometry.height() + row;
    return rowOfBatch * geometry.width() * Float.BYTES;
  }

  private int gridRow(int channel, int row) {
    return (channel * rows + row) * width;
  }

  /**
   * Splits a sample's map; padding becomes zero.
   *
   * @param apart from the first number of a direction's grid to that of the next
   */
  void split(ByteBuffer map, int sample, float[] to, int apart) {
    for (int c = 0; c < geometry.channels(); c++) {
      for (int row = 0; row < STRIDE * rows; row++) {
        int end = gridRow(c, row / STRIDE);
        int even = grids[row % STRIDE][0] * apart + end;
        int odd = grids[row % STRIDE][1] * apart + end;
        if (row < geometry.height()) {
          splitRow(map, mapRow(sample, c, row), geometry.width(), to, even, odd);
        } else {
          Arrays.fill(to, even, even + width, 0);
          Arrays.fill(to, odd, odd + width, 0);
        }
      }
    }
  }

  private static void splitRow(
      ByteBuffer map, int start, int length, float[] to, int even, int odd) {
    int pairs = length / STRIDE;
    for (int i = 0; i < pairs; i++) {
      long pair = map.getLong(start + i * Long.BYTES);
      to[even + i] = Float.intBitsToFloat((int) pair);
      to[odd + i] = Float.intBitsToFloat((int) (pair >>> Integer.SIZE));
    }
    if (length % STRIDE > 0) {
      to[even + pairs] = map.getFloat(start + pairs * Long.BYTES);
      to[odd + pairs] = 0;
    }
  }

  /** Puts grids together to a sample's map. */
  void join(float[] from, int apart, ByteBuffer map, int sample) {
    for (int c = 0; c < geometry.channels(); c++) {
      for (int row = 0; row < geometry.height(); row++) {
        int start = gridRow(c, row / STRIDE);
        int even = grids[row % STRIDE][0] * apart + start;
        int odd = grids[row % STRIDE][1] * apart + start;
        joinRow(from, even, odd, map, mapRow(sample, c, row), geometry.width());
      }
    }
  }

  private static void joinRow(
      float[] from, int even, int odd, ByteBuffer map, int end, int length) {
    int pairs = length / STRIDE;
    for (int i = 0; i < pairs; i++) {
      long first = Float.floatToRawIntBits(from[even + i]) & 0xffffffffL;
      long second = Float.floatToRawIntBits(from[odd + i]);
      map.putLong(end + i * Long.BYTES, second << Integer.SIZE | first);
    }
    if (length % STRIDE > 0) {
      map.putFloat(end + pairs * Long.BYTES, from[even + pairs]);
    }
  }
}
