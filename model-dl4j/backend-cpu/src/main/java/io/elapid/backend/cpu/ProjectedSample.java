package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.backend.cpu.Matrices.Strided;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanProjectionKernel.Gradient;
import io.elapid.kernel.ScanProjectionKernel.Inputs;
import io.elapid.kernel.ScanProjectionKernel.Outputs;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/**
 * Projections of one sample at a time on one thread.
 *
 * <p>{@code q = xProj x} for all directions that read the same columns is one product over the map
 * as it lies; its columns are then dealt out in scan order. The gradient goes the same way back.
 */
final class ProjectedSample {
  private static final Tensor NONE = Tensor.zeros(ElementType.FLOAT, 0);

  private final float[] square = new float[Transpose.SQUARE];
  private final float[] turned = new float[Transpose.SQUARE];

  /** Channels by columns, where they have to be copied together. */
  private Tensor copied = NONE;

  /** Columns by channels. */
  private Tensor transposed = NONE;

  /** Rows of all directions by columns. */
  private Tensor q = NONE;

  private Tensor dr = NONE;
  private Tensor dxProj = NONE;

  /** (K, R, D). */
  private Tensor ddtWeight = NONE;

  private static Tensor atLeast(Tensor scratch, int size) {
    return scratch.size() >= size ? scratch : Tensor.zeros(ElementType.FLOAT, size);
  }

  void forward(ScanColumns columns, Inputs in, Outputs out, int sample) {
    ScanGeometry g = columns.geometry;
    int rows = columns.perMatrix() * columns.rows;
    q = atLeast(q, rows * columns.columns);
    for (int m = 0; m < columns.matrices; m++) {
      ByteBuffer x = matrix(columns, in.x(), sample, m);
      int start = columns.isCopied() ? 0 : columns.start(sample, m);
      int weight = m * rows * g.channels();
      Strided projection = new Strided(in.xProj().bytes(), weight, g.channels(), 1);
      Matrices.multiply(projection, 0, rows, g.channels(), x, start, q.bytes(), 0, columns.columns);
      for (int i = 0; i < columns.perMatrix(); i++) {
        int k = m * columns.perMatrix() + i;
        deal(columns, out, sample, k, i * columns.rows);
        steps(columns, out, sample, k);
      }
    }
  }

  private ByteBuffer matrix(ScanColumns columns, Tensor map, int sample, int m) {
    if (!columns.isCopied()) {
      return map.bytes();
    }
    copied = atLeast(copied, columns.geometry.channels() * columns.columns);
    columns.copy(map.bytes(), sample, m, copied.bytes());
    return copied.bytes();
  }

  /** Rows of {@code q} from {@code first} on to r, b and c of one direction. */
  private void deal(ScanColumns columns, Outputs out, int sample, int k, int first) {
    ScanGeometry g = columns.geometry;
    int step = (sample * g.directions() + k) * g.steps();
    int states = first + columns.rank;
    deal(columns, k, first, columns.rank, out.r().bytes(), step * columns.rank);
    deal(columns, k, states, g.states(), out.b().bytes(), step * g.states());
    deal(columns, k, states + g.states(), g.states(), out.c().bytes(), step * g.states());
  }

  private void deal(ScanColumns columns, int k, int first, int count, ByteBuffer to, int start) {
    ByteBuffer from = q.bytes();
    for (int t = 0; t < columns.geometry.steps(); t++) {
      int column = first * columns.columns + columns.column(k, t);
      for (int j = 0; j < count; j++) {
        Lanes.put(to, start + t * count + j, Lanes.get(from, column + j * columns.columns));
      }
    }
  }

  /** {@code delta = r dtWeight^T} of one direction. */
  private static void steps(ScanColumns columns, Outputs out, int sample, int k) {
    ScanGeometry g = columns.geometry;
    int step = (sample * g.directions() + k) * g.steps();
    Strided r = new Strided(out.r().bytes(), step * columns.rank, columns.rank, 1);
    ByteBuffer weight = columns.dtWeight.bytes();
    int start = k * columns.rank * g.channels();
    int to = step * g.channels();
    ByteBuffer delta = out.delta().bytes();
    Matrices.multiply(r, 0, g.steps(), columns.rank, weight, start, delta, to, g.channels());
  }

  void gradient(ScanColumns columns, Inputs in, Gradient a, int sample) {
    ScanGeometry g = columns.geometry;
    int rows = columns.perMatrix() * columns.rows;
    q = atLeast(q, rows * columns.columns);
    dxProj = atLeast(dxProj, in.xProj().size());
    ddtWeight = atLeast(ddtWeight, in.dtWeight().size());
    transposed = atLeast(transposed, g.channels() * columns.columns);
    for (int m = 0; m < columns.matrices; m++) {
      for (int i = 0; i < columns.perMatrix(); i++) {
        int k = m * columns.perMatrix() + i;
        stepGradients(columns, a, sample, k);
        collect(columns, a, sample, k, i * columns.rows);
      }
      int weight = m * rows * g.channels();
      ByteBuffer x = matrix(columns, in.x(), sample, m);
      int start = columns.isCopied() ? 0 : columns.start(sample, m);
      transpose(x, start, g.channels(), columns.columns);
      Strided gradients = new Strided(q.bytes(), 0, columns.columns, 1);
      Matrices.multiply(
          gradients,
          0,
          rows,
          columns.columns,
          transposed.bytes(),
          0,
          dxProj.bytes(),
          weight,
          g.channels());
      Strided projection = new Strided(in.xProj().bytes(), weight, 1, g.channels());
      ByteBuffer dx = columns.isCopied() ? copied.bytes() : a.dx().bytes();
      Matrices.multiply(
          projection, 0, g.channels(), rows, q.bytes(), 0, dx, start, columns.columns);
      if (columns.isCopied()) {
        columns.copyBack(dx, sample, m, a.dx().bytes());
      }
    }
  }

  /** {@code dr = ddelta dtWeight} and the sample's part of {@code ddtWeight^T = r^T ddelta}. */
  private void stepGradients(ScanColumns columns, Gradient a, int sample, int k) {
    ScanGeometry g = columns.geometry;
    int rank = columns.rank;
    dr = atLeast(dr, g.steps() * rank);
    int step = (sample * g.directions() + k) * g.steps();
    ByteBuffer ddelta = a.ddelta().bytes();
    int weight = k * rank * g.channels();
    ByteBuffer weights = columns.dtWeight.bytes();
    for (int t = 0; t < g.steps(); t++) {
      int row = (step + t) * g.channels();
      Matrices.dots(ddelta, row, weights, weight, g.channels(), dr.bytes(), t * rank, 0, rank);
    }
    Strided r = new Strided(a.r().bytes(), step * rank, 1, rank);
    int start = step * g.channels();
    ByteBuffer to = ddtWeight.bytes();
    Matrices.multiply(r, 0, rank, g.steps(), ddelta, start, to, weight, g.channels());
  }

  /** Adds nothing up: each column of a direction's rows of {@code q} is written by one step. */
  private void collect(ScanColumns columns, Gradient a, int sample, int k, int first) {
    ScanGeometry g = columns.geometry;
    int step = (sample * g.directions() + k) * g.steps();
    int states = first + columns.rank;
    collect(columns, k, first, columns.rank, dr.bytes(), 0);
    collect(columns, k, states, g.states(), a.db().bytes(), step * g.states());
    collect(columns, k, states + g.states(), g.states(), a.dc().bytes(), step * g.states());
  }

  private void collect(
      ScanColumns columns, int k, int first, int count, ByteBuffer from, int start) {
    ByteBuffer to = q.bytes();
    for (int t = 0; t < columns.geometry.steps(); t++) {
      int column = first * columns.columns + columns.column(k, t);
      for (int j = 0; j < count; j++) {
        Lanes.put(to, column + j * columns.columns, Lanes.get(from, start + t * count + j));
      }
    }
  }

  /** A matrix of {@code rows} by {@code columns} to the scratch for transposed ones. */
  private void transpose(ByteBuffer from, int start, int rows, int columns) {
    ByteBuffer to = transposed.bytes();
    for (int r = 0; r < rows; r += WIDTH) {
      for (int c = 0; c < columns; c += WIDTH) {
        // The last squares may overlap those before: they hold the same values again.
        int top = Math.min(r, rows - WIDTH);
        int left = Math.min(c, columns - WIDTH);
        if (top < 0 || left < 0) {
          narrow(from, start, rows, columns);
          return;
        }
        for (int i = 0; i < WIDTH; i++) {
          Lanes.load(from, start + (top + i) * columns + left).intoArray(square, i * WIDTH);
        }
        Transpose.apply(square, 0, square, turned, 0);
        for (int i = 0; i < WIDTH; i++) {
          FloatVector row = FloatVector.fromArray(Lanes.SPECIES, turned, i * WIDTH);
          Lanes.store(row, to, (left + i) * rows + top);
        }
      }
    }
  }

  private void narrow(ByteBuffer from, int start, int rows, int columns) {
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        Lanes.put(transposed.bytes(), c * rows + r, Lanes.get(from, start + r * columns + c));
      }
    }
  }

  /** Copies the gradients of the weights, those of steps as (K, R, D). */
  void keep(Inputs in, float[] projections, int first, float[] steps, int second) {
    copy(dxProj, projections, first, in.xProj().size());
    copy(ddtWeight, steps, second, in.dtWeight().size());
  }

  private static void copy(Tensor from, float[] to, int start, int count) {
    ByteBuffer bytes = from.bytes();
    bytes.duplicate().order(bytes.order()).asFloatBuffer().get(to, start, count);
  }
}
