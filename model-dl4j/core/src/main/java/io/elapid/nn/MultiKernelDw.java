package io.elapid.nn;

import io.elapid.graph.Initializer;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.op.ChannelAffine;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * MobileMamba's local branch: a depthwise convolution with batch norm and ReLU, then a factor per
 * channel with batch norm.
 *
 * <p>Parameters {@code dwconv3x3} (whatever the kernel), {@code bn1}, {@code dwconv1x1} (C, 1, 1,
 * 1), {@code bn2}; in the deploy form two convolutions with bias, {@code 0} and {@code 2}.
 */
public final class MultiKernelDw {
  private static final ConvStyle STYLE = ConvStyle.named("dwconv3x3", "bn1", "relu", "0");

  private MultiKernelDw() {}

  /** Adds the block with an odd {@code kernel}; the map keeps its size. */
  public static FeatureMap apply(Scope scope, FeatureMap x, int kernel) {
    Convolution convolution = Convolution.depthwise(x.channels(), kernel, kernel);
    FeatureMap inner = ConvBn.apply(scope, x, convolution, STYLE, ActivationKind.RELU);
    SDVariable y = scope.mode() == Mode.DEPLOY ? folded(scope, inner) : normalised(scope, inner);
    return x.with(scope.tap(y));
  }

  private static SDVariable normalised(Scope scope, FeatureMap x) {
    long[] shape = {x.channels(), 1, 1, 1};
    Scope convolution = scope.child("dwconv1x1");
    SDVariable factors = convolution.parameter("weight", Initializer.fanIn(shape), shape);
    ChannelAffine.Terms terms = ChannelAffine.Terms.convolution(factors);
    SDVariable scaled = convolution.tap(ChannelAffine.apply(scope.graph(), x.value(), terms));
    return BatchNormalization.apply(scope.child("bn2"), scaled, x.channels());
  }

  private static SDVariable folded(Scope scope, FeatureMap x) {
    long[] shape = {x.channels(), 1, 1, 1};
    BatchNormFolding folding =
        BatchNormFolding.unbiased(scope.name("dwconv1x1"), shape, scope.name("bn2"));
    Scope convolution = scope.child("2");
    SDVariable factors = convolution.derived("weight", folding::weight, shape);
    SDVariable bias = convolution.derived("bias", folding::bias, x.channels());
    ChannelAffine.Terms terms = ChannelAffine.Terms.convolution(factors).plusBias(bias);
    return ChannelAffine.apply(scope.graph(), x.value(), terms);
  }
}
