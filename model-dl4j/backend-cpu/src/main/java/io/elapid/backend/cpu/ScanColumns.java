package io.elapid.backend.cpu;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.ScanProjectionKernel.Inputs;
import java.util.Optional;

/**
 * How the directions of a scan see a map as a matrix of channels by columns.
 *
 * <p>Directions that all read every position share one matrix, the map as it lies. Those of a
 * sequential scan have one each, their channels of the map; those of an atrous scan too, the grids
 * into which the map has to be split.
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

  /** What splits the map, where that has to be done. */
  final Optional<AtrousGrids> grids;

  /** The column that step t of direction k reads, at {@code k * steps + t}. */
  private final int[] table;

  ScanColumns(Inputs in) {
    geometry = in.geometry();
    rank = in.rank();
    rows = in.rows();
    boolean shared =
        geometry.order() == ScanOrder.CROSS || geometry.order() == ScanOrder.BIDIRECTIONAL;
    matrices = shared ? 1 : geometry.directions();
    columns = shared ? geometry.positions() : geometry.steps();
    grids =
        geometry.order() == ScanOrder.ATROUS
            ? Optional.of(new AtrousGrids(geometry))
            : Optional.empty();
    table = grids.map(AtrousGrids::pixels).orElseGet(geometry::positionTable);
  }

  /** Directions that share a matrix. */
  int perMatrix() {
    return geometry.directions() / matrices;
  }

  /** The column that step {@code t} of a direction reads. */
  int column(int direction, int t) {
    return table[direction * geometry.steps() + t];
  }

  /** Where a matrix of a sample starts in the map; only of those that need no splitting. */
  int start(int sample, int matrix) {
    return (sample * matrices + matrix) * geometry.channels() * columns;
  }
}
