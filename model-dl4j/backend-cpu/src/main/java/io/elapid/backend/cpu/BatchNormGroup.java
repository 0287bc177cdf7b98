package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.backend.cpu.BatchNormRows.Slopes;
import io.elapid.kernel.Tensor;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Some sums for each of the channels {@code [first, end)}. A channel's sums do not depend on which
 * others are in its group.
 */
final class BatchNormGroup {
  private final ChannelRows rows;
  private final int first;
  private final int sums;
  private final float[] running;
  private final double[] totals;

  /** Adds the rows of one sample, behind one another from {@code start} on. */
  @FunctionalInterface
  interface SampleSum {
    void add(int start, float[] sums);
  }

  /** With the two sums of {@link BatchNormRows}. */
  BatchNormGroup(ChannelRows rows, int first, int end) {
    this(rows, first, end, BatchNormRows.SUMS);
  }

  BatchNormGroup(ChannelRows rows, int first, int end, int sums) {
    this.rows = rows;
    this.first = first;
    this.sums = sums;
    running = new float[(end - first) * sums * WIDTH];
    totals = new double[(end - first) * sums];
  }

  double first(int channel) {
    return total(channel, 0);
  }

  double second(int channel) {
    return total(channel, 1);
  }

  /**
   * What follows from the sums of g and of {@code g (x - mean)}: writes the gradients of the
   * factors and shifts, and returns how {@code dx} comes of g and x.
   *
   * @param norm of the group's channels
   * @param values that the statistics are of; infinite where they are constants
   */
  Slopes slopes(BatchNormAffines norm, double values, Tensor dgamma, Tensor dbeta) {
    float[] slopes = new float[norm.channels()];
    float[] offsets = new float[norm.channels()];
    for (int i = 0; i < norm.channels(); i++) {
      int c = first + i;
      double invStd = norm.invStds()[i];
      double dot = second(c) * invStd;
      dbeta.put(c, first(c));
      dgamma.put(c, dot);
      slopes[i] = (float) (-norm.scales()[i] * dot * invStd / values);
      offsets[i] = (float) (-norm.scales()[i] * first(c) / values);
    }
    return new Slopes(norm.means(), norm.scales(), slopes, offsets);
  }

  double total(int channel, int sum) {
    return totals[(channel - first) * sums + sum];
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
}
