package io.elapid.model.tinyvim;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.ScanOrder;
import io.elapid.nn.Activations;
import io.elapid.nn.ConvBn;
import io.elapid.nn.ConvStyle;
import io.elapid.nn.Convolution;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.FeedForward;
import io.elapid.nn.LayerNorm;
import io.elapid.nn.RepDw;
import io.elapid.nn.StateSpace;
import io.elapid.op.ChannelAffine;
import io.elapid.op.ChannelConcat;
import io.elapid.op.ChannelSplit;
import io.elapid.op.LaplaceMerge;
import io.elapid.op.LaplaceSplit;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** The blocks that TinyViM is made of. */
final class TinyViMBlocks {
  /** How far the state space's map is pooled in each stage. */
  private static final int[] POOL = {8, 4, 2, 1};

  /** How many quarters of the channels pass through the state space in each stage. */
  private static final int[] LOW_QUARTERS = {1, 2, 2, 3};

  private static final int STATES = 8;
  private static final int AXIAL_TAPS = 7;
  private static final Initializer START = new Initializer.TruncatedNormal(0.02);
  private static final ConvStyle STYLE = ConvStyle.C_BN.starting(START);
  private static final FeedForward FEED_FORWARD =
      new FeedForward("fc1", "fc2", 4, ActivationKind.GELU, STYLE, STYLE);

  private TinyViMBlocks() {}

  /** Two 3x3 convolutions of stride 2. */
  static FeatureMap stem(Scope scope, FeatureMap images, long width) {
    FeatureMap x = halved(scope.child(0), images, width / 2, ActivationKind.GELU);
    scope.child(1).tap(x.value());
    x = halved(scope.child(2), x, width, ActivationKind.GELU);
    scope.child(3).tap(x.value());
    scope.tap(x.value());
    return x;
  }

  /** Halves the map between stages. */
  static FeatureMap downsample(Scope scope, FeatureMap x, long width) {
    FeatureMap y = halved(scope.child("proj"), x, width, ActivationKind.IDENTITY);
    scope.tap(y.value());
    return y;
  }

  private static FeatureMap halved(
      Scope scope, FeatureMap x, long width, ActivationKind activation) {
    Convolution convolution = Convolution.dense3x3(x.channels(), width, 2);
    return ConvBn.apply(scope, x, convolution, STYLE, activation);
  }

  /** {@code x + layer_scale * FFN(RepDw(x))}. */
  static FeatureMap local(Scope scope, FeatureMap x) {
    SDVariable scale = scope.parameter("layer_scale", Initializer.one(), x.channels(), 1, 1);
    FeatureMap y = FEED_FORWARD.apply(scope.child("mlp"), depthwise(scope.child("dwconv"), x));
    ChannelAffine.Terms residual = ChannelAffine.Terms.scale(scale).plus(x.value());
    return x.with(scope.tap(ChannelAffine.apply(scope.graph(), y.value(), residual)));
  }

  /** {@code x1 = x + mixer(x)}, then {@code x1 + FFN(x1)}. */
  static FeatureMap mixing(Scope scope, FeatureMap input, int stage) {
    FeatureMap x = plus(scope, input, mixer(scope.child("op"), input, stage));
    x = plus(scope, x, FEED_FORWARD.apply(scope.child("mlp"), x));
    scope.tap(x.value());
    return x;
  }

  /**
   * The Laplace mixer: part of the channels is split into low frequencies, which pass through the
   * state space, and a residual; the other channels are convolved.
   */
  static FeatureMap mixer(Scope scope, FeatureMap x, int stage) {
    SameDiff graph = scope.graph();
    FeatureMap z = inception(scope.child("conv2d"), projected(scope.child("in_proj"), x));
    z = Activations.apply(scope.child("act"), z, ActivationKind.SILU);
    long width = x.channels();
    long lowWidth = width * LOW_QUARTERS[stage] / 4;
    List<SDVariable> parts = ChannelSplit.apply(graph, z.value(), lowWidth, width - lowWidth);
    FeatureMap low = channels(x, parts.get(0), lowWidth);
    FeatureMap high = channels(x, parts.get(1), width - lowWidth);
    high = depthwise(scope.child("local_conv"), high);
    low = lowFrequencies(scope, low, width, POOL[stage]);
    SDVariable joined = ChannelConcat.apply(graph, List.of(low.value(), high.value()));
    FeatureMap y = projected(scope.child("out_proj"), x.with(joined));
    scope.tap(y.value());
    return y;
  }

  private static FeatureMap lowFrequencies(Scope scope, FeatureMap x, long width, int pool) {
    if (pool == 1) {
      return stateSpace(scope, x, width);
    }
    LaplaceSplit.Outputs split = LaplaceSplit.apply(scope.graph(), x.value(), pool);
    scope.child("pool").tap(split.low());
    FeatureMap low =
        new FeatureMap(split.low(), x.batch(), x.channels(), x.height() / pool, x.width() / pool);
    FeatureMap y = stateSpace(scope, low, width);
    return x.with(LaplaceMerge.apply(scope.graph(), y.value(), split.residual(), pool));
  }

  /** The rank of the steps follows from the width of the whole block. */
  private static FeatureMap stateSpace(Scope scope, FeatureMap low, long width) {
    int rank = Math.toIntExact((width + 15) / 16);
    scope.tap(".low", low.value());
    StateSpace.Settings settings =
        new StateSpace.Settings(ScanOrder.CROSS, STATES, rank, StateSpace.Start.MAMBA);
    return LayerNorm.apply(scope.child("out_norm"), StateSpace.apply(scope, low, settings));
  }

  /** The first half of the channels meets a vertical kernel, the second a horizontal one. */
  static FeatureMap inception(Scope scope, FeatureMap x) {
    SameDiff graph = scope.graph();
    long half = x.channels() / 2;
    List<SDVariable> halves = ChannelSplit.apply(graph, x.value(), half, half);
    FeatureMap vertical =
        RepDw.apply(
            scope.child("dwconv_w"),
            channels(x, halves.get(0), half),
            Convolution.depthwise(half, AXIAL_TAPS, 1),
            START);
    FeatureMap horizontal =
        RepDw.apply(
            scope.child("dwconv_h"),
            channels(x, halves.get(1), half),
            Convolution.depthwise(half, 1, AXIAL_TAPS),
            START);
    List<SDVariable> both = List.of(vertical.value(), horizontal.value());
    return x.with(scope.tap(ChannelConcat.apply(graph, both)));
  }

  static FeatureMap depthwise(Scope scope, FeatureMap x) {
    return RepDw.apply(scope, x, Convolution.depthwise3x3(x.channels(), 1), START);
  }

  static FeatureMap feedForward(Scope scope, FeatureMap x) {
    return FEED_FORWARD.apply(scope, x);
  }

  private static FeatureMap projected(Scope scope, FeatureMap x) {
    Convolution pointwise = Convolution.pointwise(x.channels(), x.channels());
    return ConvBn.apply(scope, x, pointwise, STYLE, ActivationKind.IDENTITY);
  }

  private static FeatureMap channels(FeatureMap x, SDVariable value, long channels) {
    return new FeatureMap(value, x.batch(), channels, x.height(), x.width());
  }

  private static FeatureMap plus(Scope scope, FeatureMap x, FeatureMap branch) {
    return x.with(scope.graph().math().add(x.value(), branch.value()));
  }
}
