package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanProjectionKernel.Gradient;
import io.elapid.kernel.ScanProjectionKernel.Inputs;
import io.elapid.kernel.ScanProjectionKernel.Outputs;
import io.elapid.kernel.Tensor;

/**
 * Projections of one sample at a time on one thread.
 *
 * <p>{@code q = xProj x} for all directions that read the same columns is one product over the map
 * as it lies; its columns are then dealt out in scan order. The gradient goes the same way back.
 */
final class ProjectedSample {
  /** Steps whose sizes are computed, or whose gradients are read, together. */
  private static final int SLICE = 64;

  private final SmallProduct product = new SmallProduct();

  /** Channels by columns; of all matrices where the map is split. */
  private float[] x = {};

  private float[] panels = {};

  /** Rows of all directions by columns. */
  private float[] q = {};

  /** Step by step, of one direction: r, or its gradient; and it transposed. */
  private float[] r = {};

  private float[] turned = {};
  private float[] states = {};

  /** Of some steps, or all. */
  private float[] delta = {};

  void forward(ScanColumns columns, ProjectionWeights weights, Inputs in, Outputs out, int sample) {
    ScanGeometry g = columns.geometry;
    int rows = columns.perMatrix() * columns.rows;
    q = GemmScratch.atLeast(q, rows * columns.columns);
    for (int m = 0; m < columns.matrices; m++) {
      int matrix = read(columns, in.x(), sample, m);
      panels = atLeast(panels, SmallProduct.packed(g.channels(), columns.columns));
      SmallProduct.pack(x, matrix, g.channels(), columns.columns, panels, 0);
      int weight = m * rows * g.channels();
      product.multiply(
          weights.projection(), weight, rows, g.channels(), panels, 0, columns.columns, q, 0);
      for (int i = 0; i < columns.perMatrix(); i++) {
        int k = m * columns.perMatrix() + i;
        deal(columns, out, sample, k, i * columns.rows);
        steps(columns, weights, out, sample, k);
      }
    }
  }

  private static float[] atLeast(float[] scratch, int size) {
    return GemmScratch.atLeast(scratch, size);
  }

  /** Numbers of a matrix in {@code x}, with room for whole squares behind it. */
  private static int size(ScanColumns columns) {
    return (columns.geometry.channels() + WIDTH) * columns.columns + SmallProduct.SLACK;
  }

  /** Brings what a matrix's directions read of a sample into {@code x}; where it starts there. */
  private int read(ScanColumns columns, Tensor map, int sample, int m) {
    int size = size(columns);
    if (columns.grids.isEmpty()) {
      x = atLeast(x, size);
      int count = columns.geometry.channels() * columns.columns;
      ProjectionWeights.read(map, columns.start(sample, m), count, x);
      return 0;
    }
    if (m == 0) {
      x = atLeast(x, columns.matrices * size);
      columns.grids.get().split(map.bytes(), sample, x, size);
    }
    return m * size;
  }

  /** Rows of {@code q} from {@code first} on to r, b and c of one direction. */
  private void deal(ScanColumns columns, Outputs out, int sample, int k, int first) {
    ScanGeometry g = columns.geometry;
    int step = (sample * g.directions() + k) * g.steps();
    int from = first + columns.rank;
    int size = g.steps() * g.states();
    r = atLeast(r, g.steps() * columns.rank + SmallProduct.slackOfRows(columns.rank));
    states = atLeast(states, size);
    deal(columns, k, first, columns.rank, r);
    out.r().bytes().asFloatBuffer().put(step * columns.rank, r, 0, g.steps() * columns.rank);
    deal(columns, k, from, g.states(), states);
    out.b().bytes().asFloatBuffer().put(step * g.states(), states, 0, size);
    deal(columns, k, from + g.states(), g.states(), states);
    out.c().bytes().asFloatBuffer().put(step * g.states(), states, 0, size);
  }

  private void deal(ScanColumns columns, int k, int first, int count, float[] to) {
    float[] from = q;
    for (int t = 0; t < columns.geometry.steps(); t++) {
      int column = first * columns.columns + columns.column(k, t);
      for (int j = 0; j < count; j++) {
        to[t * count + j] = from[column + j * columns.columns];
      }
    }
  }

  /** {@code delta = r dtWeight^T} of one direction. */
  private void steps(
      ScanColumns columns, ProjectionWeights weights, Outputs out, int sample, int k) {
    ScanGeometry g = columns.geometry;
    int step = (sample * g.directions() + k) * g.steps();
    int rank = columns.rank;
    int channels = g.channels();
    delta = atLeast(delta, SLICE * channels);
    for (int t = 0; t < g.steps(); t += SLICE) {
      int count = Math.min(SLICE, g.steps() - t);
      int panel = k * weights.perDirection();
      product.multiply(r, t * rank, count, rank, weights.steps(), panel, channels, delta, 0);
      int to = (step + t) * channels;
      out.delta().bytes().asFloatBuffer().put(to, delta, 0, count * channels);
    }
  }

  /**
   * Writes dx, and the sample's part of the weights' gradients.
   *
   * @param dxProj written from {@code first} on
   * @param ddtWeight as (K, R, D) from {@code second} on
   */
  void gradient(
      ScanColumns columns,
      ProjectionWeights weights,
      Inputs in,
      Gradient a,
      int sample,
      float[] dxProj,
      int first,
      float[] ddtWeight,
      int second) {
    ScanGeometry g = columns.geometry;
    int rows = columns.perMatrix() * columns.rows;
    int channels = g.channels();
    int width = columns.columns;
    q = atLeast(q, rows * width + SmallProduct.slackOfRows(width) + SmallProduct.SLACK);
    for (int m = 0; m < columns.matrices; m++) {
      for (int i = 0; i < columns.perMatrix(); i++) {
        int k = m * columns.perMatrix() + i;
        stepGradients(columns, weights, a, sample, k, ddtWeight, second);
        collect(columns, a, sample, k, i * columns.rows);
      }
      int weight = m * rows * channels;
      int matrix = read(columns, in.x(), sample, m);
      panels = atLeast(panels, SmallProduct.packed(width, channels));
      product.packTransposed(x, matrix, width, channels, panels);
      product.multiply(q, 0, rows, width, panels, 0, channels, dxProj, first + weight);
      panels = atLeast(panels, SmallProduct.packed(rows, width));
      SmallProduct.pack(q, 0, rows, width, panels, 0);
      product.multiply(weights.projection(), weight, channels, rows, panels, 0, width, x, matrix);
      write(columns, a.dx(), sample, m);
    }
  }

  /** Writes a matrix of dx; those of a split map together, with the last. */
  private void write(ScanColumns columns, Tensor dx, int sample, int m) {
    if (columns.grids.isEmpty()) {
      int count = columns.geometry.channels() * columns.columns;
      dx.bytes().asFloatBuffer().put(columns.start(sample, m), x, 0, count);
    } else if (m == columns.matrices - 1) {
      columns.grids.get().join(x, size(columns), dx.bytes(), sample);
    }
  }

  /** {@code dr = ddelta dtWeight} and the sample's part of {@code ddtWeight^T = r^T ddelta}. */
  private void stepGradients(
      ScanColumns columns,
      ProjectionWeights weights,
      Gradient a,
      int sample,
      int k,
      float[] ddtWeight,
      int second) {
    ScanGeometry g = columns.geometry;
    int rank = columns.rank;
    int steps = g.steps();
    int channels = g.channels();
    int step = (sample * g.directions() + k) * steps;
    r = atLeast(r, steps * rank);
    turned = atLeast(turned, steps * rank + SmallProduct.slackOfRows(steps));
    ProjectionWeights.read(a.r(), step * rank, steps * rank, r);
    for (int i = 0; i < steps * rank; i++) {
      turned[i % rank * steps + i / rank] = r[i];
    }
    int slack = Math.max(SmallProduct.SLACK, SmallProduct.slackOfRows(channels));
    delta = atLeast(delta, steps * channels + slack);
    ProjectionWeights.read(a.ddelta(), step * channels, steps * channels, delta);
    int panel = k * weights.perDirection();
    product.multiply(delta, 0, steps, channels, weights.steps(), panel, rank, r, 0);
    panels = atLeast(panels, SmallProduct.packed(steps, channels));
    SmallProduct.pack(delta, 0, steps, channels, panels, 0);
    int to = second + k * rank * channels;
    product.multiply(turned, 0, rank, steps, panels, 0, channels, ddtWeight, to);
  }

  /** Adds nothing up: each column of a direction's rows of {@code q} is written by one step. */
  private void collect(ScanColumns columns, Gradient a, int sample, int k, int first) {
    ScanGeometry g = columns.geometry;
    int step = (sample * g.directions() + k) * g.steps();
    int to = first + columns.rank;
    int size = g.steps() * g.states();
    states = atLeast(states, size);
    collect(columns, k, first, columns.rank, r);
    ProjectionWeights.read(a.db(), step * g.states(), size, states);
    collect(columns, k, to, g.states(), states);
    ProjectionWeights.read(a.dc(), step * g.states(), size, states);
    collect(columns, k, to + g.states(), g.states(), states);
  }

  private void collect(ScanColumns columns, int k, int first, int count, float[] from) {
    float[] to = q;
    for (int t = 0; t < columns.geometry.steps(); t++) {
      int column = first * columns.columns + columns.column(k, t);
      for (int j = 0; j < count; j++) {
        to[column + j * columns.columns] = from[t * count + j];
      }
    }
  }
}
