package io.elapid.nn;

import io.elapid.graph.Initializer;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.Resampling;
import io.elapid.op.ChannelScale;
import io.elapid.op.Resample;
import io.elapid.op.Sum;
import java.util.ArrayList;
import java.util.List;

/**
 * The head of Semantic FPN (Kirillov et al., "Panoptic Feature Pyramid Networks", CVPR 2019): every
 * level of a pyramid through as many halves of an enlargement as it lies above the finest, each
 * behind a 3x3 convolution with batch norm and ReLU; their sum through a pointwise convolution.
 *
 * <p>Parameters {@code scale_heads.i.j.conv}, {@code scale_heads.i.j.bn}, {@code conv_seg}.
 */
public final class FpnHead {
  private static final ConvStyle STYLE =
      new ConvStyle(
          "conv", "bn", "activate", "conv", Bias.NONE, Initializer::he, Initializer.one());

  private static final double DEVIATION = 0.01;

  private FpnHead() {}

  /**
   * Adds the head.
   *
   * @param levels finest first, each coarser than the one before by two
   * @param channels of the sum
   * @param dropout share of its channels that are dropped in training
   * @return scores, (batch, classes), of the size of the finest level
   */
  public static FeatureMap apply(
      Scope scope, List<FeatureMap> levels, long channels, double dropout, int classes) {
    FeatureMap finest = levels.get(0);
    List<FeatureMap> enlarged = new ArrayList<>();
    for (int i = 0; i < levels.size(); i++) {
      FeatureMap level = enlarged(scope.child("scale_heads").child(i), levels.get(i), i, channels);
      enlarged.add(resized(scope, level, finest.height(), finest.width()));
    }
    FeatureMap sum =
        enlarged
            .get(0)
            .with(Sum.apply(scope.graph(), enlarged.stream().map(FeatureMap::value).toList()));
    Scope last = scope.child("conv_seg");
    return ConvWeights.declare(
            last,
            Convolution.pointwise(channels, classes),
            shape -> Initializer.normal(DEVIATION))
        .apply(last, dropped(scope, sum, dropout));
  }

  /** Modules count as in the official sequence, in which enlargements are modules too. */
  private static FeatureMap enlarged(Scope scope, FeatureMap level, int halves, long channels) {
    FeatureMap x = level;
    int modules = 0;
    for (int j = 0; j < Math.max(1, halves); j++) {
      Convolution convolution = Convolution.dense3x3(x.channels(), channels, 1);
      x = ConvBn.apply(scope.child(modules++), x, convolution, STYLE, ActivationKind.RELU);
      if (halves > 0) {
        x = resized(scope, x, 2 * x.height(), 2 * x.width());
        modules++;
      }
    }
    return x;
  }

  private static FeatureMap resized(Scope scope, FeatureMap x, long height, long width) {
    if (x.height() == height && x.width() == width) {
      return x;
    }
    return new FeatureMap(
        Resample.apply(scope.graph(), x.value(), Resampling.LINEAR, height, width),
        x.batch(),
        x.channels(),
        height,
        width);
  }

  private static FeatureMap dropped(Scope scope, FeatureMap x, double rate) {
    if (scope.mode() != Mode.TRAIN || rate == 0) {
      return x;
    }
    return x.with(
        ChannelScale.apply(
            scope.graph(), x.value(), scope.dropChannels(rate, x.batch(), x.channels())));
  }
}
