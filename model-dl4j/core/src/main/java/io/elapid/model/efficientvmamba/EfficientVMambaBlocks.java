package io.elapid.model.efficientvmamba;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.ScanOrder;
import io.elapid.nn.Activations;
import io.elapid.nn.Bias;
import io.elapid.nn.ConvBn;
import io.elapid.nn.ConvLayer;
import io.elapid.nn.ConvStyle;
import io.elapid.nn.Convolution;
import io.elapid.nn.DropPath;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.LayerNorm;
import io.elapid.nn.PointLinear;
import io.elapid.nn.SqueezeExcite;
import io.elapid.nn.StateSpace;
import io.elapid.op.ChannelSplit;
import io.elapid.op.LayerNorm2d;
import io.elapid.op.PatchGather;
import io.elapid.op.SiluGate;
import io.elapid.op.SpatialMean;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * The blocks that EfficientVMamba is made of. The official code keeps channels last in the first
 * two stages; here they come first throughout, which changes no number.
 */
final class EfficientVMambaBlocks {
  private static final int PATCH = 4;
  private static final int INNER_EXPANSION = 2;
  private static final int STATES = 16;

  /** Channels per element of a time step's rank. */
  private static final int RANK_DIVISOR = 16;

  private static final int BOTTLENECK_EXPANSION = 4;
  private static final int GATE_REDUCTION = 8;

  private static final ConvStyle STYLE = ConvStyle.named("0", "1", "2", "0");
  private static final SqueezeExcite.Style BRANCH_GATE =
      new SqueezeExcite.Style(
          SqueezeExcite.Layers.LINEAR,
          "global_reduce",
          ActivationKind.GELU,
          "act_fn",
          "channel_select",
          "gate_fn");
  private static final SqueezeExcite.Style BOTTLENECK_GATE =
      new SqueezeExcite.Style(
          SqueezeExcite.Layers.CONVOLUTIONS,
          "conv_reduce",
          ActivationKind.RELU,
          "act_fn",
          "conv_expand",
          "gate_fn");

  private EfficientVMambaBlocks() {}

  /** Patches of 4x4 pixels as vectors of {@code width}; what is left at the edges is cut off. */
  static FeatureMap patchEmbedding(Scope scope, FeatureMap images, int width) {
    Convolution patches = Convolution.patches(images.channels(), width, PATCH);
    FeatureMap x = ConvLayer.apply(scope.child(0), images, patches, Bias.LEARNT);
    x = LayerNorm.apply(scope.child(2), x);
    scope.tap(x.value());
    return x;
  }

  /**
   * Efficient visual state space block: a state space and a convolution side by side on the
   * normalised input, both gated by the same layers, in one residual.
   */
  static FeatureMap scanningBlock(Scope scope, FeatureMap input, double dropPath) {
    FeatureMap x = LayerNorm.apply(scope.child("norm"), input);
    FeatureMap scanned = atrousScan(scope.child("op"), x);
    FeatureMap convolved = convolutions(scope.child("conv_branch"), x);
    SharedGate gate = SharedGate.declare(scope.child("se"), x.channels());
    SDVariable left = gate.apply(scanned, "").value();
    SDVariable right = gate.apply(convolved, "@2").value();
    FeatureMap branches = x.with(scope.graph().math().add(left, right));
    FeatureMap y = DropPath.add(scope, input, branches, dropPath);
    scope.tap(y.value());
    return y;
  }

  /** The state space block (ES2D): four scans of a quarter of the map each. */
  static FeatureMap atrousScan(Scope scope, FeatureMap x) {
    SameDiff graph = scope.graph();
    long inner = INNER_EXPANSION * x.channels();
    FeatureMap both = PointLinear.apply(scope.child("in_proj"), x, 2 * inner, Bias.NONE);
    List<SDVariable> halves = ChannelSplit.apply(graph, both.value(), inner, inner);
    FeatureMap u = new FeatureMap(halves.get(0), x.batch(), inner, x.height(), x.width());
    Convolution near = Convolution.depthwise3x3(inner, 1);
    u = ConvLayer.apply(scope.child("conv2d"), u, near, Bias.LEARNT);
    u = Activations.apply(scope.child("act@2"), u, ActivationKind.SILU);
    int rank = Math.toIntExact((x.channels() + RANK_DIVISOR - 1) / RANK_DIVISOR);
    StateSpace.Settings settings =
        new StateSpace.Settings(ScanOrder.ATROUS, STATES, rank, StateSpace.Start.MAMBA);
    FeatureMap y = LayerNorm.apply(scope.child("out_norm"), StateSpace.apply(scope, u, settings));
    FeatureMap gated = y.with(SiluGate.apply(graph, y.value(), halves.get(1)));
    FeatureMap out = PointLinear.apply(scope.child("out_proj"), gated, x.channels(), Bias.NONE);
    scope.tap(out.value());
    return out;
  }

  private static FeatureMap convolutions(Scope scope, FeatureMap x) {
    Convolution near = Convolution.depthwise3x3(x.channels(), 1);
    Convolution mix = Convolution.pointwise(x.channels(), x.channels());
    FeatureMap y = ConvBn.apply(scope, x, near, STYLE.biased(), ActivationKind.GELU);
    y = ConvLayer.apply(scope.child(3), y, mix, Bias.LEARNT);
    scope.tap(y.value());
    return y;
  }

  /** Squeeze and excitation from the mean of the layer-normalised map, for several maps. */
  record SharedGate(Scope scope, SDVariable weight, SDVariable bias, SqueezeExcite layers) {
    static SharedGate declare(Scope scope, long channels) {
      Scope norm = scope.child("norm");
      return new SharedGate(
          scope,
          norm.parameter("weight", Initializer.one(), channels),
          norm.parameter("bias", Initializer.zero(), channels),
          SqueezeExcite.declare(scope, BRANCH_GATE, channels, channels / GATE_REDUCTION));
    }

    /**
     * Scales the channels of {@code x}, which is not normalised itself.
     *
     * @param call empty for the first map, {@code @2} for the second
     */
    FeatureMap apply(FeatureMap x, String call) {
      SDVariable normalised = LayerNorm2d.apply(scope.graph(), x.value(), weight, bias);
      scope.child("norm").tap(call, normalised);
      return layers.gate(x, SpatialMean.apply(scope.graph(), normalised), call);
    }
  }

  /** Widens, convolves, gates and narrows (Sandler et al., "MobileNetV2", CVPR 2018). */
  static FeatureMap invertedResidual(Scope scope, FeatureMap input, double dropPath) {
    long hidden = BOTTLENECK_EXPANSION * input.channels();
    Convolution widen = Convolution.pointwise(input.channels(), hidden);
    Convolution narrow = Convolution.pointwise(hidden, input.channels());
    FeatureMap x = ConvBn.apply(scope.child("conv_pw"), input, widen, STYLE, ActivationKind.RELU);
    Convolution near = Convolution.depthwise3x3(hidden, 1);
    x = ConvBn.apply(scope.child("conv_dw"), x, near, STYLE, ActivationKind.RELU);
    x = SqueezeExcite.apply(scope.child("se"), BOTTLENECK_GATE, x, hidden / GATE_REDUCTION);
    x = ConvBn.apply(scope.child("conv_pw2"), x, narrow, STYLE, ActivationKind.IDENTITY);
    FeatureMap y = DropPath.add(scope, input, x, dropPath);
    scope.tap(y.value());
    return y;
  }

  /** Halves the map and doubles its channels: each 2x2 neighbourhood becomes one position. */
  static FeatureMap downsample(Scope scope, FeatureMap input) {
    SDVariable gathered = PatchGather.apply(scope.graph(), input.value());
    FeatureMap x =
        new FeatureMap(
            gathered,
            input.batch(),
            4 * input.channels(),
            (input.height() + 1) / 2,
            (input.width() + 1) / 2);
    x = LayerNorm.apply(scope.child("norm"), x);
    x = PointLinear.apply(scope.child("reduction"), x, 2 * input.channels(), Bias.NONE);
    scope.tap(x.value());
    return x;
  }
}
