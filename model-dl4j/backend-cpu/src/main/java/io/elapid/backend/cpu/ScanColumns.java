package io.elapid.backend.cpu;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.ScanProjectionKernel.Inputs;
import java.nio.ByteBuffer;

/**
 * How the directions of a scan see a map as a matrix of channels by columns.
 *
 * <p>Directions that all read every position share one matrix, the map as it lies. Those of a
 * sequential scan have one each, their channels of the map; those of an atrous scan too, which has
 * to be copied together.
 */
final class ScanColumns {
  final ScanGeometry geometry;
  final int rank;

  /** R + 2 N. */
  final int rows;

  /** Number of matrices. */
  final int matrices;

  /** Columns of each. */
  final int columns;

  /** Position of step t of direction k at {@code k * steps + t}. */
  private final int[] places;

  ScanColumns(Inputs in) {
    geometry = in.geometry();
    rank = in.rank();
    rows = in.rows();
    boolean shared =
        geometry.order() == ScanOrder.CROSS || geometry.order() == ScanOrder.BIDIRECTIONAL;
    matrices = shared ? 1 : geometry.directions();
    columns = shared ? geometry.positions() : geometry.steps();
    places = geometry.positionTable();
  }

  /** Directions that share a matrix. */
  int perMatrix() {
    return geometry.directions() / matrices;
  }

  /** The column that step {@code t} of a direction reads. */
  int column(int direction, int t) {
    return matrices == 1 ? places[direction * geometry.steps() + t] : t;
  }

  boolean isCopied() {
    return geometry.order() == ScanOrder.ATROUS;
  }

  /** Where a matrix of a sample starts in the map; only of those that are not copied. */
  int start(int sample, int matrix) {
    return (sample * matrices + matrix) * geometry.channels() * columns;
  }

  /** Copies what a direction reads of a sample's map; padding becomes zero. */
  void copy(float[] map, int direction, float[] to) {
    for (int d = 0; d < geometry.channels(); d++) {
      int row = d * geometry.positions();
      copyRow(map, row, places, direction * columns, to, d * columns, columns);
    }
  }

  private static void copyRow(
      float[] map, int row, int[] places, int first, float[] to, int end, int count) {
    for (int t = 0; t < count; t++) {
      int place = places[first + t];
      to[end + t] = place == ScanOrder.PADDING ? 0 : map[row + place];
    }
  }

  /** Copies back what a direction reads; each position is read by one direction. */
  void copyBack(float[] from, int sample, int direction, ByteBuffer map) {
    int first = direction * columns;
    for (int d = 0; d < geometry.channels(); d++) {
      int row = (sample * geometry.channels() + d) * geometry.positions();
      for (int t = 0; t < columns; t++) {
        int place = places[first + t];
        if (place != ScanOrder.PADDING) {
          Lanes.put(map, row + place, from[d * columns + t]);
        }
      }
    }
  }
}
