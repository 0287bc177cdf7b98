package io.elapid.nn;

import io.elapid.graph.BatchStatistics;
import io.elapid.graph.Initializer;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.graph.Weights;
import io.elapid.kernel.ActivationKind;
import io.elapid.op.ChannelAffine;
import io.elapid.op.Conv2d;
import io.elapid.op.ShortcutNorm;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A depthwise convolution with two shortcuts that disappear in the deploy form (Wang et al.,
 * "RepViT: Revisiting Mobile CNN From ViT Perspective", CVPR 2024): {@code BN(BN(conv(x)) + w x + b
 * + x)} with {@code w}, {@code b} per channel.
 *
 * <p>Parameters {@code conv} (convolution and batch norm), {@code conv1.weight} (C, 1, 1, 1),
 * {@code conv1.bias}, {@code bn}; in the deploy form one depthwise convolution, {@code weight} and
 * {@code bias}.
 */
public final class RepDw {
  private RepDw() {}

  /**
   * Adds the block.
   *
   * @param convolution depthwise, with an odd kernel, keeping the size of the map
   * @param start how all weights start; biases start at zero
   */
  public static FeatureMap apply(
      Scope scope, FeatureMap x, Convolution convolution, Initializer start) {
    if (scope.mode() == Mode.DEPLOY) {
      return folded(scope, x, convolution);
    }
    return normsByShard(scope)
        ? merged(scope, x, convolution, start)
        : branches(scope, x, convolution, start);
  }

  /** Each norm may be frozen by itself. */
  private static boolean normsByShard(Scope scope) {
    return scope.statistics() == BatchStatistics.SHARD
        && innerNorm(scope).normsByBatch()
        && outerNorm(scope).normsByBatch();
  }

  private static Scope innerNorm(Scope scope) {
    return scope.child("conv").child(ConvStyle.C_BN.norm());
  }

  private static Scope outerNorm(Scope scope) {
    return scope.child("bn");
  }

  /** Both norms and the sum between them in one pass over the maps. */
  private static FeatureMap merged(
      Scope scope, FeatureMap x, Convolution convolution, Initializer start) {
    long channels = x.channels();
    Scope conv = scope.child("conv");
    ConvStyle style = ConvStyle.C_BN;
    FeatureMap u =
        ConvLayer.unbiased(conv.child(style.convolution()), x, convolution, shape -> start);
    Scope inner = innerNorm(scope);
    ShortcutNorm.Norm innerBy = BatchNormalization.parameters(inner, channels, style.scale());
    Scope shortcut = scope.child("conv1");
    SDVariable weight = shortcut.parameter("weight", start, channels, 1, 1, 1);
    SDVariable bias = shortcut.parameter("bias", Initializer.zero(), channels);
    Scope outer = outerNorm(scope);
    ShortcutNorm.Norm outerBy = BatchNormalization.parameters(outer, channels, Initializer.one());
    ShortcutNorm.Outputs out =
        ShortcutNorm.apply(
            scope.graph(),
            u.value(),
            x.value(),
            new ShortcutNorm.Parameters(weight, bias, innerBy, outerBy),
            BatchNormalization.EPSILON);
    follow(inner, out.inner(), channels);
    follow(outer, out.outer(), channels);
    outer.tap(out.y());
    return x.with(scope.tap(out.y()));
  }

  private static void follow(Scope scope, ShortcutNorm.Statistics of, long channels) {
    BatchNormalization.follow(scope, of.mean(), of.variance(), Scope.MOMENTUM, channels);
  }

  /** Operation by operation, where statistics are given or those of other shards count too. */
  private static FeatureMap branches(
      Scope scope, FeatureMap x, Convolution convolution, Initializer start) {
    long channels = x.channels();
    ConvStyle style = ConvStyle.C_BN.starting(start);
    FeatureMap inner =
        ConvBn.apply(scope.child("conv"), x, convolution, style, ActivationKind.IDENTITY);
    Scope shortcut = scope.child("conv1");
    SDVariable weight = shortcut.parameter("weight", start, channels, 1, 1, 1);
    SDVariable bias = shortcut.parameter("bias", Initializer.zero(), channels);
    ChannelAffine.Terms shortcuts =
        ChannelAffine.Terms.convolution(weight).plusInput().plusBias(bias).plus(inner.value());
    SDVariable sum = ChannelAffine.apply(scope.graph(), x.value(), shortcuts);
    SDVariable y = BatchNormalization.apply(outerNorm(scope), sum, channels);
    return x.with(scope.tap(y));
  }

  private static FeatureMap folded(Scope scope, FeatureMap x, Convolution convolution) {
    Folding folding = Folding.of(scope, convolution);
    SDVariable weight = scope.derived("weight", folding::weight, convolution.weightShape());
    SDVariable bias = scope.derived("bias", folding::bias, convolution.outputs());
    SDVariable y = Conv2d.apply(scope.graph(), x.value(), weight, bias, convolution.settings());
    return x.with(scope.tap(y));
  }

  /**
   * One convolution instead of all branches: the inner one with its norm folded in, the shortcuts
   * on its middle tap, then the outer norm.
   */
  private record Folding(BatchNormFolding inner, String shortcut, String norm) {
    static Folding of(Scope scope, Convolution convolution) {
      Scope conv = scope.child("conv");
      BatchNormFolding inner =
          BatchNormFolding.unbiased(conv.name("c"), convolution.weightShape(), conv.name("bn"));
      return new Folding(inner, scope.name("conv1"), scope.name("bn"));
    }

    double[] weight(Weights trainForm) {
      double[] kernel = inner.weight(trainForm);
      long channels = inner.weightShape()[0];
      double[] factors = trainForm.values(shortcut + ".weight", channels, 1, 1, 1);
      int taps = kernel.length / factors.length;
      for (int c = 0; c < factors.length; c++) {
        // of an odd height and width the middle tap is the middle element
        kernel[c * taps + taps / 2] += factors[c] + 1;
      }
      return BatchNormFolding.scaled(
          kernel, BatchNormFolding.scale(trainForm, norm, factors.length));
    }

    double[] bias(Weights trainForm) {
      double[] sum = inner.bias(trainForm);
      double[] added = trainForm.values(shortcut + ".bias", sum.length);
      for (int c = 0; c < sum.length; c++) {
        sum[c] += added[c];
      }
      return BatchNormFolding.normalised(trainForm, norm, sum);
    }
  }
}
