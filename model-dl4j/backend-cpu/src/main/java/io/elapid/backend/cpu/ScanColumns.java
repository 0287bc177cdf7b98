package io.elapid.backend.cpu;

import io.elapid.kernel.ElementType;
import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.ScanProjectionKernel.Inputs;
import io.elapid.kernel.Tensor;
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

  /** dtWeight as (K, R, D). */
  final Tensor dtWeight;

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
    dtWeight = transposed(in.dtWeight());
  }

  private static Tensor transposed(Tensor weight) {
    int channels = weight.dim(1);
    int rank = weight.dim(2);
    Tensor to = Tensor.zeros(ElementType.FLOAT, weight.dim(0), rank, channels);
    for (int i = 0; i < weight.size(); i++) {
      int k = i / (channels * rank);
      int d = i / rank % channels;
      int at = (k * rank + i % rank) * channels + d;
      Lanes.put(to.bytes(), at, Lanes.get(weight.bytes(), i));
    }
    return to;
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

  /** Copies what a direction reads of a sample; padding becomes zero. */
  void copy(ByteBuffer map, int sample, int direction, ByteBuffer to) {
    int first = direction * columns;
    for (int d = 0; d < geometry.channels(); d++) {
      int row = (sample * geometry.channels() + d) * geometry.positions();
      for (int t = 0; t < columns; t++) {
        int place = places[first + t];
        float value = place == ScanOrder.PADDING ? 0 : Lanes.get(map, row + place);
        Lanes.put(to, d * columns + t, value);
      }
    }
  }

  /** Copies back what a direction reads; each position is read by one direction. */
  void copyBack(ByteBuffer from, int sample, int direction, ByteBuffer map) {
    int first = direction * columns;
    for (int d = 0; d < geometry.channels(); d++) {
      int row = (sample * geometry.channels() + d) * geometry.positions();
      for (int t = 0; t < columns; t++) {
        int place = places[first + t];
        if (place != ScanOrder.PADDING) {
          Lanes.put(map, row + place, Lanes.get(from, d * columns + t));
        }
      }
    }
  }
}
