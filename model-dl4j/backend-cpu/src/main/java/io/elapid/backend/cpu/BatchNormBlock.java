package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.BatchNormKernel.Moments;
import io.elapid.kernel.BatchNormKernel.Train;
import io.elapid.kernel.Tensor;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The maps of the channels {@code [first, end)}: {@link #size()} numbers of each sample, a multiple
 * of the register width, one after the other.
 */
record BatchNormBlock(ChannelRows rows, int first, int end) {
  int channels() {
    return end - first;
  }

  int size() {
    return channels() * rows.length();
  }

  /** Where a sample's run begins. */
  int start(int sample) {
    return rows.row(sample, first);
  }

  /** From one sample to the next. */
  int step() {
    return rows.channels() * rows.length();
  }

  /** A channel's number for each of its positions. */
  float[] spread(float[] byChannel) {
    float[] all = new float[size()];
    for (int c = 0; c < byChannel.length; c++) {
      Arrays.fill(all, c * rows.length(), (c + 1) * rows.length(), byChannel[c]);
    }
    return all;
  }

  /** Sum over the positions of channel {@code first + c}. */
  double total(float[] byPosition, int c) {
    return sum(byPosition, c * rows.length(), (c + 1) * rows.length());
  }

  private static double sum(float[] numbers, int from, int to) {
    FloatVector sum = Lanes.zero();
    int i = from;
    for (; i <= to - WIDTH; i += WIDTH) {
      sum = sum.add(FloatVector.fromArray(SPECIES, numbers, i));
    }
    double rest = Lanes.sum(sum);
    for (; i < to; i++) {
      rest += numbers[i];
    }
    return rest;
  }

  /** Writes mean, variance and inverse standard deviation of each channel. */
  void statistics(Train a) {
    double[] variances = moments(new Moments(a.x(), a.mean(), a.variance()));
    for (int c = 0; c < variances.length; c++) {
      a.invStd().put(first + c, 1 / Math.sqrt(variances[c] + a.eps()));
    }
  }

  /** Writes mean and variance of each channel; returns the biased variances. */
  double[] moments(Moments a) {
    int values = rows.values();
    float[] sums = new float[size()];
    ColumnSums.addSums(a.x().bytes(), start(0), step(), rows.batch(), sums, size());
    float[] means = new float[channels()];
    double[] exact = new double[channels()];
    for (int c = 0; c < means.length; c++) {
      exact[c] = total(sums, c) / values;
      means[c] = (float) exact[c];
    }
    float[] squares = new float[size()];
    ColumnSums.addSquares(
        a.x().bytes(), start(0), step(), rows.batch(), spread(means), squares, size());
    double[] variances = new double[channels()];
    for (int c = 0; c < means.length; c++) {
      double sum = total(squares, c);
      variances[c] = sum / values;
      a.mean().put(first + c, exact[c]);
      a.variance().put(first + c, values > 1 ? sum / (values - 1) : variances[c]);
    }
    return variances;
  }

  /** {@code y = act(scale x + shift)}. */
  void map(BatchNormAffines affines, ActivationKind activation, Tensor x, Tensor y) {
    ActivationRuns runs = runs(affines);
    for (int b = 0; b < rows.batch(); b++) {
      runs.map(activation, x.bytes(), start(b), y.bytes());
    }
  }

  ActivationRuns runs(BatchNormAffines affines) {
    return new ActivationRuns(spread(affines.scales()), spread(affines.shifts()), size());
  }
}
