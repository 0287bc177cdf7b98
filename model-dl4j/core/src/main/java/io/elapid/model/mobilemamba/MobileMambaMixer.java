package io.elapid.model.mobilemamba;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.HaarKernel;
import io.elapid.kernel.ScanOrder;
import io.elapid.nn.Bias;
import io.elapid.nn.ConvBn;
import io.elapid.nn.ConvLayer;
import io.elapid.nn.ConvStyle;
import io.elapid.nn.Convolution;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.LayerNorm;
import io.elapid.nn.MultiKernelDw;
import io.elapid.nn.StateSpace;
import io.elapid.op.Activation;
import io.elapid.op.ChannelAffine;
import io.elapid.op.ChannelConcat;
import io.elapid.op.ChannelSplit;
import io.elapid.op.HaarDwt;
import io.elapid.op.HaarIdwt;
import io.elapid.op.SiluGate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * The multi-receptive field feature interaction (MRFFI): the channels are divided into a global
 * part, a local part and one that passes, which meet again in a linear map.
 */
final class MobileMambaMixer {
  private static final double WAVELET_SCALE = 0.1;
  private static final int BANDS = 4;

  /** Of the taps of the bands: sum, difference of rows, of columns, of both. */
  private static final int[] SIGNS = {1, 1, 1, 1, 1, 1, -1, -1, 1, -1, 1, -1, 1, -1, -1, 1};

  private MobileMambaMixer() {}

  /** Adds the mixer; what it learns lies under {@code attn}. */
  static FeatureMap apply(Scope scope, FeatureMap x, MobileMambaConfig.Mixer mixer) {
    FeatureMap y = attention(scope.child("attn"), x, mixer);
    scope.tap(y.value());
    return y;
  }

  /** The mixer itself. */
  static FeatureMap attention(Scope scope, FeatureMap x, MobileMambaConfig.Mixer mixer) {
    SameDiff graph = scope.graph();
    List<SDVariable> parts = split(graph, x, mixer);
    FeatureMap far = x.with(parts.get(0), mixer.global());
    FeatureMap near = x.with(parts.get(1), mixer.local());
    List<SDVariable> mixed = new ArrayList<>(parts);
    mixed.set(0, waveletMamba(scope.child("global_op"), far, mixer.kernel()).value());
    mixed.set(1, MultiKernelDw.apply(scope.child("local_op"), near, mixer.kernel()).value());
    Scope projection = scope.child("proj");
    SDVariable joined =
        Activation.apply(graph, ChannelConcat.apply(graph, mixed), ActivationKind.RELU);
    projection.child(0).tap(joined);
    FeatureMap y =
        ConvBn.apply(
            projection.child(1),
            x.with(joined),
            Convolution.pointwise(x.channels(), x.channels()),
            ConvStyle.C_BN.silent(),
            ActivationKind.IDENTITY);
    projection.tap(y.value());
    scope.tap(y.value());
    return y;
  }

  private static List<SDVariable> split(
      SameDiff graph, FeatureMap x, MobileMambaConfig.Mixer mixer) {
    return mixer.passed() == 0
        ? ChannelSplit.apply(graph, x.value(), mixer.global(), mixer.local())
        : ChannelSplit.apply(graph, x.value(), mixer.global(), mixer.local(), mixer.passed());
  }

  /**
   * The wavelet transform enhanced Mamba (WTE-Mamba): a state space for what is far, plus a
   * convolution among the wavelets of the map for its fine detail.
   */
  static FeatureMap waveletMamba(Scope scope, FeatureMap x, int kernel) {
    SameDiff graph = scope.graph();
    long bands = BANDS * x.channels();
    scope.fixed("wt_filter", filters(x.channels()), bands, 1, 2, 2);
    scope.fixed("iwt_filter", filters(x.channels()), bands, 1, 2, 2);
    SDVariable baseScale =
        scope.child("base_scale").parameter("weight", Initializer.one(), 1, x.channels(), 1, 1);
    FeatureMap base = gatedStateSpace(scope.child("global_atten"), x);
    SDVariable detail = HaarIdwt.apply(graph, wavelets(scope, x, kernel), x.height(), x.width());
    ChannelAffine.Terms terms = ChannelAffine.Terms.scale(baseScale).plus(detail);
    return x.with(scope.tap(ChannelAffine.apply(graph, base.value(), terms)));
  }

  /** Four filters of two by two per channel, as the official code writes the transform. */
  private static double[] filters(long channels) {
    double[] filters = new double[Math.toIntExact(channels * SIGNS.length)];
    Arrays.setAll(filters, i -> SIGNS[i % SIGNS.length] * HaarKernel.SCALE);
    return filters;
  }

  /** The map's wavelets after a depthwise convolution and a learnt scale. */
  private static SDVariable wavelets(Scope scope, FeatureMap x, int kernel) {
    SameDiff graph = scope.graph();
    long bands = BANDS * x.channels();
    FeatureMap transformed =
        new FeatureMap(
            HaarDwt.apply(graph, x.value()),
            x.batch(),
            bands,
            (x.height() + 1) / 2,
            (x.width() + 1) / 2);
    Scope convolutions = scope.child("wavelet_convs");
    FeatureMap filtered =
        ConvLayer.apply(
            convolutions.child(0),
            transformed,
            Convolution.depthwise(bands, kernel, kernel),
            Bias.NONE);
    Scope scaling = scope.child("wavelet_scale").child(0);
    SDVariable scale =
        scaling.parameter("weight", new Initializer.Constant(WAVELET_SCALE), 1, bands, 1, 1);
    return scaling.tap(
        ChannelAffine.apply(graph, filtered.value(), ChannelAffine.Terms.scale(scale)));
  }

  /** Mamba's block on a map (SS2D with two directions): a state space and its gate. */
  static FeatureMap gatedStateSpace(Scope scope, FeatureMap x) {
    SameDiff graph = scope.graph();
    long inner = 2 * x.channels();
    FeatureMap both =
        ConvBn.apply(
            scope.child("in_proj"),
            x,
            Convolution.pointwise(x.channels(), 2 * inner),
            ConvStyle.C_BN,
            ActivationKind.IDENTITY);
    List<SDVariable> halves = ChannelSplit.apply(graph, both.value(), inner, inner);
    FeatureMap spread =
        ConvLayer.apply(
            scope.child("conv2d"),
            x.with(halves.get(0), inner),
            Convolution.depthwise3x3(inner, 1),
            Bias.LEARNT);
    SDVariable active = Activation.apply(graph, spread.value(), ActivationKind.SILU);
    scope.child("act").tap("@2", active);
    FeatureMap scanned = StateSpace.apply(scope, spread.with(active), settings(x.channels()));
    FeatureMap normalised = LayerNorm.apply(scope.child("out_norm"), scanned);
    SDVariable gated = SiluGate.apply(graph, normalised.value(), halves.get(1));
    FeatureMap y =
        ConvBn.apply(
            scope.child("out_proj"),
            normalised.with(gated),
            Convolution.pointwise(inner, x.channels()),
            ConvStyle.C_BN,
            ActivationKind.IDENTITY);
    scope.tap(y.value());
    return y;
  }

  private static StateSpace.Settings settings(long channels) {
    int rank = Math.toIntExact((channels + 15) / 16);
    return new StateSpace.Settings(ScanOrder.BIDIRECTIONAL, 1, rank, StateSpace.Start.CONSTANT);
  }
}
