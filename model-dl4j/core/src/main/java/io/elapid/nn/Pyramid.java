package io.elapid.nn;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.Resampling;
import io.elapid.op.Activation;
import io.elapid.op.Resample;
import io.elapid.op.Sum;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/** The parts that both feature pyramids are made of; maps are finest first everywhere. */
final class Pyramid {
  private final Scope scope;
  private final FpnSettings settings;

  Pyramid(Scope scope, FpnSettings settings) {
    this.scope = scope;
    this.settings = settings;
  }

  /**
   * Every map as so many channels, plus what comes down from the coarser ones: enlarged to exactly
   * the finer size by taking the nearest pixel.
   */
  List<FeatureMap> topDown(List<FeatureMap> maps) {
    List<FeatureMap> laterals = new ArrayList<>();
    for (int i = 0; i < maps.size(); i++) {
      FeatureMap map = maps.get(i);
      Convolution lateral = Convolution.pointwise(map.channels(), settings.channels());
      laterals.add(convolved(scope.child("lateral_convs").child(i), map, lateral));
    }
    for (int i = laterals.size() - 1; i > 0; i--) {
      FeatureMap finer = laterals.get(i - 1);
      SDVariable enlarged =
          Resample.apply(
              scope.graph(),
              laterals.get(i).value(),
              Resampling.NEAREST,
              finer.height(),
              finer.width());
      SDVariable sum = Sum.apply(scope.graph(), List.of(finer.value(), enlarged));
      laterals.set(i - 1, finer.with(sum));
    }
    return laterals;
  }

  /** Each map through a 3x3 convolution of its own. */
  List<FeatureMap> smoothed(String name, List<FeatureMap> maps) {
    List<FeatureMap> levels = new ArrayList<>();
    for (int i = 0; i < maps.size(); i++) {
      FeatureMap map = maps.get(i);
      Convolution smoothing = Convolution.dense3x3(map.channels(), settings.channels(), 1);
      levels.add(convolved(scope.child(name).child(i), map, smoothing));
    }
    return levels;
  }

  /**
   * Adds the levels that are missing.
   *
   * @param levels gets more
   * @param convolutions number of {@code fpn_convs} that there are
   * @param last map of the backbone
   */
  void extend(List<FeatureMap> levels, int convolutions, FeatureMap last) {
    int made = levels.size();
    for (int i = made; i < settings.outputs(); i++) {
      FeatureMap before = levels.get(i - 1);
      if (settings.extra() == FpnSettings.Extra.SUBSAMPLED) {
        levels.add(subsampled(before));
        continue;
      }
      boolean fromInput = i == made && settings.extra() == FpnSettings.Extra.FROM_INPUT;
      FeatureMap source = fromInput ? last : before;
      if (i > made && settings.between() == FpnSettings.Between.RELU) {
        source = source.with(Activation.apply(scope.graph(), source.value(), ActivationKind.RELU));
      }
      Convolution halving = Convolution.dense3x3(source.channels(), settings.channels(), 2);
      Scope convolution = scope.child("fpn_convs").child(convolutions + i - made);
      levels.add(convolved(convolution, source, halving));
    }
  }

  private FeatureMap subsampled(FeatureMap x) {
    return new FeatureMap(
        Resample.everySecond(scope.graph(), x.value(), x.height(), x.width()),
        x.batch(),
        x.channels(),
        (x.height() + 1) / 2,
        (x.width() + 1) / 2);
  }

  private static FeatureMap convolved(Scope module, FeatureMap x, Convolution convolution) {
    Scope conv = module.child("conv");
    FeatureMap y = ConvWeights.declare(conv, convolution, Initializer::glorot).apply(conv, x);
    conv.tap(y.value());
    return y;
  }
}
