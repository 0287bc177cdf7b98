package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.Resampling;

/**
 * Maps of one size made from those of another, along columns and along rows: first along the
 * dimension that leaves fewer pixels for columns, which take numbers one by one where rows take
 * neighbours a register at a time.
 */
final class Resizing {
  private final PixelParts rows;
  private final PixelParts columns;
  private final boolean enlarges;
  private final GatheredSums sums;
  private final RowSums rowSums;

  /** From a row of the map between to the next: whole registers. */
  private final int stride;

  private Resizing(PixelParts rows, PixelParts columns) {
    this.rows = rows;
    this.columns = columns;
    enlarges = rows.to() > rows.from();
    if (enlarges) {
      stride = Lanes.roundUp(columns.to());
      int zero = rows.from() * columns.from() + WIDTH;
      sums = GatheredSums.of(columns, rows.from(), columns.from(), stride, zero);
      rowSums = RowSums.of(rows, stride, columns.to());
    } else {
      stride = Lanes.roundUp(columns.from());
      int zero = rows.to() * stride;
      sums = GatheredSums.of(columns, rows.to(), stride, columns.to(), zero);
      rowSums = RowSums.of(rows, columns.from(), stride);
    }
  }

  static Resizing of(Resampling rule, Planes from, Planes to) {
    return new Resizing(
        PixelParts.of(rule, from.height(), to.height()),
        PixelParts.of(rule, from.width(), to.width()));
  }

  /** What gives every pixel the sum of what it gave to others: the gradient. */
  Resizing transposed() {
    return new Resizing(rows.transposed(), columns.transposed());
  }

  /** Room for a map between the two steps. */
  float[] between() {
    return new float[(enlarges ? rows.from() : rows.to()) * stride + 1];
  }

  /**
   * Writes the resized map.
   *
   * @param from from {@link Planes#empty}, as is {@code to}
   * @param between from {@link #between}
   */
  void apply(float[] from, float[] between, float[] to) {
    if (enlarges) {
      sums.write(from, between);
      rowSums.write(between, to, stride);
    } else {
      rowSums.write(from, between, stride);
      sums.write(between, to);
    }
  }
}
