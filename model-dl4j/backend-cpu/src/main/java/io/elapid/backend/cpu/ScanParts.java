package io.elapid.backend.cpu;

import io.elapid.kernel.SelectiveScanKernel.Outputs;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;

/**
 * How the channels of a sample are shared among threads on the way back, and what each share adds
 * to the gradients of b and c, which sum over channels.
 *
 * <p>Where there are too few samples for threads to have one each, blocks of channels are cut into
 * parts, whose sums are kept apart and added in the order of the parts. Sizes alone decide how, not
 * the number of threads.
 */
final class ScanParts {
  /** Pieces of work that a gradient is cut into at least, where it has as many blocks. */
  private static final int PIECES = 8;

  private final int blocks;
  private final int parts;
  private final int numbers;
  private final float[] db;
  private final float[] dc;

  ScanParts(ScanTables tables) {
    blocks = tables.blocks;
    int samples = tables.geometry.batch() * tables.groups;
    parts = Math.min(blocks, (PIECES + samples - 1) / samples);
    numbers = tables.step(tables.geometry.batch(), 0, 0) * tables.states;
    db = new float[parts > 1 ? parts * numbers : 0];
    dc = new float[db.length];
  }

  int count() {
    return parts;
  }

  /** The first block of a part. */
  int first(int part) {
    return blocks * part / parts;
  }

  /**
   * Takes a part's gradients of {@code count} coefficients from {@code at} on: of c, then of b, for
   * each.
   */
  void put(int part, float[] values, Outputs out, int at, int count) {
    if (parts == 1) {
      for (int i = 0; i < count; i++) {
        Lanes.put(out.dc().bytes(), at + i, values[2 * i]);
        Lanes.put(out.db().bytes(), at + i, values[2 * i + 1]);
      }
    } else {
      int to = part * numbers + at;
      for (int i = 0; i < count; i++) {
        dc[to + i] = values[2 * i];
        db[to + i] = values[2 * i + 1];
      }
    }
  }

  /** Writes the sums of all parts. */
  void add(Workers workers, Tensor toB, Tensor toC) {
    if (parts > 1) {
      workers.forEach(
          numbers,
          2L * parts,
          (from, end) -> {
            for (int i = from; i < end; i++) {
              Lanes.put(toB.bytes(), i, sum(db, i));
              Lanes.put(toC.bytes(), i, sum(dc, i));
            }
          });
    }
  }

  private float sum(float[] kept, int at) {
    float sum = kept[at];
    for (int i = numbers + at; i < kept.length; i += numbers) {
      sum += kept[i];
    }
    return sum;
  }
}
