package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.BatchNormRows.SUMS;
import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Two sums for each of the channels {@code [first, end)}. A channel's sums do not depend on which
 * others are in its group.
 */
final class BatchNormGroup {
  private final ChannelRows rows;
  private final int first;
  private final float[] running;
  private final double[] totals;

  /** Adds the rows of one sample, behind one another from {@code start} on. */
  @FunctionalInterface
  interface SampleSum {
    void add(int start, float[] sums);
  }

  BatchNormGroup(ChannelRows rows, int first, int end) {
    this.rows = rows;
    this.first = first;
    running = new float[(end - first) * SUMS * WIDTH];
    totals = new double[(end - first) * SUMS];
  }

  double first(int channel) {
    return totals[(channel - first) * SUMS];
  }

  double second(int channel) {
    return totals[(channel - first) * SUMS + 1];
  }

  /** Sums anew over the samples {@code [0, batch)}. */
  void sum(int batch, SampleSum body) {
    Arrays.fill(totals, 0);
    int chunk = rows.chunk();
    for (int b = 0; b < batch; b++) {
      body.add(rows.row(b, first), running);
      if ((b + 1) % chunk == 0 || b + 1 == batch) {
        flush();
      }
    }
  }

  private void flush() {
    for (int i = 0; i < totals.length; i++) {
      totals[i] += Lanes.sum(FloatVector.fromArray(SPECIES, running, i * WIDTH));
    }
    Arrays.fill(running, 0);
  }

  /** Moments {@code {sum(x - pivot), sum((x - pivot)^2)}} of the first samples. */
  void sumMoments(ByteBuffer x, int batch, float[] pivots) {
    int length = rows.length();
    sum(batch, (start, sums) -> BatchNormRows.addMoments(x, start, length, pivots, sums));
  }
}
