package io.elapid.backend.cpu;

import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.BatchNormKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;

/**
 * In groups of channels that stay in the cache between the passes over them; small maps go by
 * {@link BatchNormBlocks}.
 */
record VectorBatchNorm(Workers workers, BatchNormKernel reference) implements BatchNormKernel {
  private static final int MOMENTS_TENSORS = 1;
  private static final int FORWARD_TENSORS = 2;
  private static final int GRADIENT_TENSORS = 3;

  private static boolean fits(Tensor x) {
    ChannelRows rows = ChannelRows.of(x);
    return Lanes.areFloat(x) && !rows.isShorterThanRegister() && !BatchNormBlocks.fits(rows);
  }

  /** The kernel for what this one is not for. */
  private BatchNormKernel other(Tensor x) {
    ChannelRows rows = ChannelRows.of(x);
    if (!Lanes.areFloat(x)) {
      return reference;
    }
    if (BatchNormBlocks.fits(rows)) {
      return new BatchNormBlocks(workers, rows);
    }
    return rows.values() < Lanes.WIDTH ? reference : new BatchNormShortRows(rows, this);
  }

  @Override
  public void train(Train a) {
    if (!fits(a.x())) {
      other(a.x()).train(a);
      return;
    }
    ChannelRows rows = ChannelRows.of(a.x());
    rows.forEachGroup(workers, FORWARD_TENSORS, (first, end) -> train(a, rows, first, end));
  }

  private static void train(Train a, ChannelRows rows, int first, int end) {
    ByteBuffer x = a.x().bytes();
    double[] variances = putMoments(x, rows, first, end, a.mean(), a.variance());
    for (int c = first; c < end; c++) {
      a.invStd().put(c, 1 / Math.sqrt(variances[c - first] + a.eps()));
    }
    ActivationRows map =
        BatchNormAffines.of(a.gamma(), a.beta(), first, end, a.mean(), a.invStd())
            .rows(rows.length());
    for (int b = 0; b < rows.batch(); b++) {
      map.map(a.activation(), x, rows.row(b, first), 0, end - first, a.y().bytes());
    }
  }

  @Override
  public void moments(Moments a) {
    if (!fits(a.x())) {
      other(a.x()).moments(a);
      return;
    }
    ChannelRows rows = ChannelRows.of(a.x());
    rows.forEachGroup(
        workers,
        MOMENTS_TENSORS,
        (first, end) -> putMoments(a.x().bytes(), rows, first, end, a.mean(), a.variance()));
  }

  /** Returns the biased variances of the channels {@code [first, end)}. */
  private static double[] putMoments(
      ByteBuffer x, ChannelRows rows, int first, int end, Tensor means, Tensor variances) {
    int length = rows.length();
    return putMoments(
        rows,
        first,
        end,
        (start, pivots, sums) -> BatchNormRows.addMoments(x, start, length, pivots, sums),
        means,
        variances);
  }

  /** Adds a sample's rows, behind one another from {@code start} on, to the sums of moments. */
  @FunctionalInterface
  interface MomentSum {
    void add(int start, float[] pivots, float[] sums);
  }

  /** As {@link #moments} of values that {@code body} computes; returns the biased variances. */
  static double[] putMoments(
      ChannelRows rows, int first, int end, MomentSum body, Tensor means, Tensor variances) {
    BatchNormGroup group = new BatchNormGroup(rows, first, end);
    // Sums of x - pivot and its square in one pass; a pivot near the mean keeps the squares'
    // difference exact.
    float[] pivots = new float[end - first];
    BatchNormGroup.SampleSum sample = (start, sums) -> body.add(start, pivots, sums);
    group.sum(1, sample);
    for (int c = first; c < end; c++) {
      pivots[c - first] = (float) (group.first(c) / rows.length());
    }
    group.sum(rows.batch(), sample);
    int values = rows.values();
    double[] biased = new double[end - first];
    for (int c = first; c < end; c++) {
      double shifted = group.first(c) / values;
      double variance = Math.max(0, group.second(c) / values - shifted * shifted);
      means.put(c, pivots[c - first] + shifted);
      variances.put(c, values > 1 ? variance * values / (values - 1) : variance);
      biased[c - first] = variance;
    }
    return biased;
  }

  @Override
  public void inference(Inference a) {
    if (!fits(a.x())) {
      other(a.x()).inference(a);
      return;
    }
    int channels = a.x().dim(1);
    map(
        a.x(),
        BatchNormAffines.running(a.gamma(), a.beta(), 0, channels, a.mean(), a.variance(), a.eps()),
        a.activation(),
        a.y());
  }

  @Override
  public void repeat(Repeat a) {
    if (!fits(a.x())) {
      other(a.x()).repeat(a);
      return;
    }
    int channels = a.x().dim(1);
    map(
        a.x(),
        BatchNormAffines.of(a.gamma(), a.beta(), 0, channels, a.mean(), a.invStd()),
        a.activation(),
        a.y());
  }

  private void map(Tensor x, BatchNormAffines affines, ActivationKind activation, Tensor y) {
    ChannelRows rows = ChannelRows.of(x);
    int channels = rows.channels();
    ActivationRows map = affines.rows(rows.length());
    workers.forEach(
        rows.batch() * channels,
        rows.length(),
        (from, to) -> {
          for (int row = from; row < to; row += channels - row % channels) {
            int c = row % channels;
            int end = Math.min(channels, c + to - row);
            map.map(activation, x.bytes(), row * rows.length(), c, end, y.bytes());
          }
        });
  }

  @Override
  public void trainGradient(TrainGradient a) {
    if (!fits(a.x())) {
      other(a.x()).trainGradient(a);
      return;
    }
    ChannelRows rows = ChannelRows.of(a.x());
    rows.forEachGroup(
        workers,
        GRADIENT_TENSORS,
        (first, end) ->
            new BatchNormGradientGroup(
                    rows,
                    first,
                    BatchNormAffines.of(a.gamma(), a.beta(), first, end, a.mean(), a.invStd()),
                    a.activation(),
                    a.dy().bytes(),
                    a.x().bytes(),
                    a.dx().bytes())
                .run(rows.values(), a.dgamma(), a.dbeta()));
  }

  @Override
  public void inferenceGradient(InferenceGradient a) {
    if (!fits(a.x())) {
      other(a.x()).inferenceGradient(a);
      return;
    }
    ChannelRows rows = ChannelRows.of(a.x());
    rows.forEachGroup(
        workers,
        GRADIENT_TENSORS,
        (first, end) ->
            new BatchNormGradientGroup(
                    rows,
                    first,
                    BatchNormAffines.running(
                        a.gamma(), a.beta(), first, end, a.mean(), a.variance(), a.eps()),
                    a.activation(),
                    a.dy().bytes(),
                    a.x().bytes(),
                    a.dx().bytes())
                .run(Double.POSITIVE_INFINITY, a.dgamma(), a.dbeta()));
  }
}
