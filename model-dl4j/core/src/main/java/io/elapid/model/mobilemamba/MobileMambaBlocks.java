package io.elapid.model.mobilemamba;

import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.nn.ConvBn;
import io.elapid.nn.ConvStyle;
import io.elapid.nn.Convolution;
import io.elapid.nn.DropPath;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.FeedForward;
import io.elapid.nn.SqueezeExcite;
import io.elapid.nn.Widths;

/** The blocks that MobileMamba is made of, but for its {@link MobileMambaMixer}. */
final class MobileMambaBlocks {
  private static final int STEM_CONVOLUTIONS = 4;
  private static final int DOWNSAMPLE_EXPANSION = 4;

  static final FeedForward FEED_FORWARD =
      new FeedForward(
          "pw1", "pw2", 2, ActivationKind.RELU, ConvStyle.C_BN, ConvStyle.C_BN.silent());

  private MobileMambaBlocks() {}

  /** Four 3x3 convolutions of stride 2, doubling the channels up to {@code width}. */
  static FeatureMap stem(Scope scope, FeatureMap images, int width) {
    FeatureMap x = images;
    for (int i = 0; i < STEM_CONVOLUTIONS; i++) {
      boolean last = i == STEM_CONVOLUTIONS - 1;
      long outputs = width >> (STEM_CONVOLUTIONS - 1 - i);
      Convolution convolution = Convolution.dense3x3(x.channels(), outputs, 2);
      ActivationKind activation = last ? ActivationKind.IDENTITY : ActivationKind.RELU;
      x = ConvBn.apply(scope.child(2 * i), x, convolution, ConvStyle.C_BN, activation);
      if (!last) {
        scope.child(2 * i + 1).tap(x.value());
      }
    }
    scope.tap(x.value());
    return x;
  }

  /**
   * Five residual branches (depthwise convolution, feed-forward, mixer, depthwise convolution,
   * feed-forward) within one more, {@code input + x}, which training drops at {@code dropRate}.
   */
  static FeatureMap block(
      Scope scope, FeatureMap input, MobileMambaConfig.Mixer mixer, double dropRate) {
    FeatureMap x = depthwise(scope.child("dw0"), input, ConvStyle.C_BN.silent());
    x = feedForward(scope.child("ffn0"), x);
    Scope mixing = scope.child("mixer");
    x = plus(mixing, x, MobileMambaMixer.apply(mixing.child("m"), x, mixer));
    x = depthwise(scope.child("dw1"), x, ConvStyle.C_BN.silent());
    x = feedForward(scope.child("ffn1"), x);
    FeatureMap y = DropPath.add(scope, input, x, dropRate);
    scope.tap(y.value());
    return y;
  }

  /** Halves the map: the narrowing itself is between two pairs of residual branches. */
  static FeatureMap downsample(Scope blocks, FeatureMap input, int width) {
    FeatureMap x = residuals(blocks.child(0), input);
    x = narrow(blocks.child(1), x, width);
    return residuals(blocks.child(2), x);
  }

  private static FeatureMap residuals(Scope scope, FeatureMap input) {
    FeatureMap x = depthwise(scope.child(0), input, ConvStyle.C_BN);
    x = feedForward(scope.child(1), x);
    scope.tap(x.value());
    return x;
  }

  /** An inverted bottleneck of stride 2 with squeeze-and-excite. */
  static FeatureMap narrow(Scope scope, FeatureMap input, int width) {
    long hidden = DOWNSAMPLE_EXPANSION * input.channels();
    Convolution widen = Convolution.pointwise(input.channels(), hidden);
    Convolution halve = Convolution.depthwise3x3(hidden, 2);
    FeatureMap x =
        ConvBn.apply(scope.child("conv1"), input, widen, ConvStyle.C_BN, ActivationKind.RELU);
    scope.child("act").tap(x.value());
    x = ConvBn.apply(scope.child("conv2"), x, halve, ConvStyle.C_BN, ActivationKind.RELU);
    scope.child("act").tap("@2", x.value());
    long squeezed = Widths.divisible(hidden / 4.0, 8);
    x = SqueezeExcite.apply(scope.child("se"), SqueezeExcite.Style.FC, x, squeezed);
    Convolution close = Convolution.pointwise(hidden, width);
    x = ConvBn.apply(scope.child("conv3"), x, close, ConvStyle.C_BN, ActivationKind.IDENTITY);
    scope.tap(x.value());
    return x;
  }

  private static FeatureMap depthwise(Scope scope, FeatureMap x, ConvStyle style) {
    Convolution convolution = Convolution.depthwise3x3(x.channels(), 1);
    return plus(
        scope, x, ConvBn.apply(scope.child("m"), x, convolution, style, ActivationKind.IDENTITY));
  }

  private static FeatureMap feedForward(Scope scope, FeatureMap x) {
    return plus(scope, x, FEED_FORWARD.apply(scope.child("m"), x));
  }

  /** A residual; the scope is that of the sum. */
  private static FeatureMap plus(Scope scope, FeatureMap x, FeatureMap branch) {
    return x.with(scope.tap(scope.graph().math().add(x.value(), branch.value())));
  }
}
