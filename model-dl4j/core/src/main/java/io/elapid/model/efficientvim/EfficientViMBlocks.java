package io.elapid.model.efficientvim;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.nn.Bias;
import io.elapid.nn.ConvBn;
import io.elapid.nn.ConvLayer;
import io.elapid.nn.ConvStyle;
import io.elapid.nn.Convolution;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.FeedForward;
import io.elapid.nn.LayerNorm;
import io.elapid.nn.SqueezeExcite;
import io.elapid.nn.Widths;
import io.elapid.op.ChannelSplit;
import io.elapid.op.Conv2d;
import io.elapid.op.ConvSettings;
import io.elapid.op.GatedResidual;
import io.elapid.op.HiddenGate;
import io.elapid.op.HiddenState;
import io.elapid.op.MatrixProduct;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** The blocks that EfficientViM is made of. */
final class EfficientViMBlocks {
  private static final int EXPANSION = 4;
  private static final ConvStyle STYLE = ConvStyle.CONV_NORM;
  private static final FeedForward FEED_FORWARD =
      new FeedForward("fc1", "fc2", EXPANSION, ActivationKind.RELU, STYLE, STYLE);
  private static final int STEM_CONVOLUTIONS = 4;

  /** Small, so that every branch starts with about half the weight. */
  private static final double GATE_START = 1e-4;

  private EfficientViMBlocks() {}

  /**
   * What a mixer or block passes on.
   *
   * @param map (batch, channels, height, width)
   * @param hidden hidden states (batch, channels, states)
   */
  record Mixed(FeatureMap map, SDVariable hidden) {}

  /** Four 3x3 convolutions of stride 2, doubling the channels up to {@code width}. */
  static FeatureMap stem(Scope scope, FeatureMap images, int width) {
    FeatureMap x = images;
    for (int i = 0; i < STEM_CONVOLUTIONS; i++) {
      int last = STEM_CONVOLUTIONS - 1;
      long outputs = width >> (last - i);
      x =
          ConvBn.apply(
              scope.child("conv").child(i),
              x,
              Convolution.dense3x3(x.channels(), outputs, 2),
              STYLE,
              i < last ? ActivationKind.RELU : ActivationKind.IDENTITY);
    }
    scope.child("conv").tap(x.value());
    scope.tap(x.value());
    return x;
  }

  /**
   * Four branches, each mixed in by {@code x = (1 - a) x + a f(x)} with {@code a = sigmoid(alpha)}
   * per channel: depthwise convolution, hidden state mixer, depthwise convolution, feed-forward.
   */
  static Mixed block(Scope scope, FeatureMap input, int states) {
    SDVariable alpha =
        scope.parameter("alpha", new Initializer.Constant(GATE_START), 4, input.channels());
    FeatureMap x = gated(scope, input, depthwise(scope.child("dwconv1"), input), alpha, 0);
    SDVariable normalised =
        LayerNorm.ofSequence(scope.child("norm"), x.flat(scope.graph()), x.channels());
    Mixed mixed = mixer(scope.child("mixer"), x.with(normalised), states);
    x = gated(scope, x, mixed.map(), alpha, 1);
    x = gated(scope, x, depthwise(scope.child("dwconv2"), x), alpha, 2);
    x = gated(scope, x, FEED_FORWARD.apply(scope.child("ffn"), x), alpha, 3);
    scope.tap(x.value());
    scope.tap("#1", mixed.hidden());
    return new Mixed(x, mixed.hidden());
  }

  /**
   * The hidden state mixer (HSM-SSD), equations 7 to 10 of the paper.
   *
   * @param x normalised input; its value is already flat, (batch, channels, positions)
   */
  static Mixed mixer(Scope scope, FeatureMap x, int states) {
    SameDiff graph = scope.graph();
    SDVariable offsets = scope.parameter("A", new Initializer.Uniform(1, 16), states);
    SDVariable skip = scope.parameter("D", Initializer.one(), 1);
    List<SDVariable> parts = statesAndSteps(scope, x, states);
    SDVariable gathered = HiddenState.apply(graph, x.value(), parts.get(0), parts.get(2), offsets);
    SDVariable both = pointwise(scope.child("hz_proj"), gathered, x.channels(), 2 * x.channels());
    SDVariable gated = HiddenGate.apply(graph, both, skip);
    SDVariable hidden = pointwise(scope.child("out_proj"), gated, x.channels(), x.channels());
    SDVariable y = MatrixProduct.apply(graph, hidden, parts.get(1));
    SDVariable map = graph.reshape(y, x.batch(), x.channels(), x.height(), x.width());
    scope.tap(map);
    scope.tap("#1", hidden);
    return new Mixed(x.with(map), hidden);
  }

  /** B, C and dt of the state space, each (batch, states, positions). */
  private static List<SDVariable> statesAndSteps(Scope scope, FeatureMap x, int states) {
    SameDiff graph = scope.graph();
    int rows = 3 * states;
    SDVariable projected = pointwise(scope.child("BCdt_proj"), x.value(), x.channels(), rows);
    SDVariable maps = graph.reshape(projected, x.batch(), rows, x.height(), x.width());
    FeatureMap all = new FeatureMap(maps, x.batch(), rows, x.height(), x.width());
    Scope dw = scope.child("dw");
    FeatureMap spread =
        ConvLayer.apply(dw.child("conv"), all, Convolution.depthwise3x3(rows, 1), Bias.NONE);
    dw.tap(spread.value());
    SDVariable flat = graph.reshape(spread.value(), x.batch(), rows, x.positions());
    return ChannelSplit.apply(graph, flat, states, states, states);
  }

  /** A linear map over channels at every position of a sequence, without bias. */
  private static SDVariable pointwise(Scope scope, SDVariable x, long inputs, long outputs) {
    long[] shape = {outputs, inputs, 1};
    Scope conv = scope.child("conv");
    SDVariable weight = conv.parameter("weight", Initializer.fanIn(shape), shape);
    return scope.tap(conv.tap(Conv2d.apply(scope.graph(), x, weight, ConvSettings.of(1, 0))));
  }

  /** Halves the map: an inverted bottleneck with squeeze-and-excite between two residuals. */
  static FeatureMap downsample(Scope scope, FeatureMap input, int width) {
    FeatureMap x = plus(scope, input, depthwise(scope.child("dwconv1"), input));
    long hidden = (long) EXPANSION * width;
    Scope conv = scope.child("conv");
    x = ConvBn.apply(conv.child(0), x, pointwise(x.channels(), hidden), STYLE, ActivationKind.RELU);
    x =
        ConvBn.apply(
            conv.child(1), x, Convolution.depthwise3x3(hidden, 2), STYLE, ActivationKind.RELU);
    x = SqueezeExcite.apply(conv.child(2), SqueezeExcite.Style.FC, x, Widths.divisible(width, 8));
    x = ConvBn.apply(conv.child(3), x, pointwise(hidden, width), STYLE, ActivationKind.IDENTITY);
    conv.tap(x.value());
    x = plus(scope, x, depthwise(scope.child("dwconv2"), x));
    scope.tap(x.value());
    return x;
  }

  private static Convolution pointwise(long inputs, long outputs) {
    return Convolution.pointwise(inputs, outputs);
  }

  private static FeatureMap depthwise(Scope scope, FeatureMap x) {
    Convolution depthwise = Convolution.depthwise3x3(x.channels(), 1);
    return ConvBn.apply(scope, x, depthwise, STYLE, ActivationKind.IDENTITY);
  }

  private static FeatureMap gated(
      Scope scope, FeatureMap x, FeatureMap branch, SDVariable alpha, int row) {
    return x.with(GatedResidual.apply(scope.graph(), x.value(), branch.value(), alpha, row));
  }

  private static FeatureMap plus(Scope scope, FeatureMap x, FeatureMap branch) {
    return x.with(scope.graph().math().add(x.value(), branch.value()));
  }
}
