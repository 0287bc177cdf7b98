package io.elapid.nn;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import java.util.ArrayList;
import java.util.List;

/**
 * The feature pyramid of EfficientViT's detectors, for backbones whose finest map is coarse:
 * transposed convolutions make finer levels of the finest lateral. Parameters as {@link Fpn}'s, and
 * {@code extra_trans_convs.i.conv}, {@code extra_fpn_convs.i.conv}, {@code batch_norm.i} (which is
 * a layer norm).
 */
public final class EfficientVitFpn {
  private EfficientVitFpn() {}

  /** Whether maps are layer-normalised before anything else. */
  public enum PreNorm {
    NONE,
    LAYER_NORM
  }

  /**
   * Adds the neck.
   *
   * @param finer levels that are finer than the finest map
   */
  public static List<FeatureMap> apply(
      Scope scope, List<FeatureMap> maps, int finer, PreNorm preNorm, FpnSettings settings) {
    Pyramid pyramid = new Pyramid(scope, settings);
    List<FeatureMap> normed = preNorm == PreNorm.NONE ? maps : normed(scope, maps);
    List<FeatureMap> laterals = pyramid.topDown(normed);
    List<FeatureMap> enlarged = enlarged(scope, laterals.get(0), finer, settings.channels());
    List<FeatureMap> coarse = pyramid.smoothed("fpn_convs", laterals);
    // these are counted from the largest map, their transposed convolutions from the smallest
    List<FeatureMap> levels = new ArrayList<>(pyramid.smoothed("extra_fpn_convs", enlarged));
    levels.addAll(coarse);
    pyramid.extend(levels, coarse.size(), normed.get(normed.size() - 1));
    return levels;
  }

  private static List<FeatureMap> normed(Scope scope, List<FeatureMap> maps) {
    List<FeatureMap> normed = new ArrayList<>();
    for (int i = 0; i < maps.size(); i++) {
      FeatureMap map = maps.get(i);
      Scope norm = scope.child("batch_norm").child(i);
      normed.add(map.with(LayerNorm.ofMap(norm, map.value(), map.channels())));
    }
    return normed;
  }

  /** Largest first. */
  private static List<FeatureMap> enlarged(
      Scope scope, FeatureMap finest, int count, long channels) {
    List<FeatureMap> enlarged = new ArrayList<>();
    FeatureMap x = finest;
    for (int i = 0; i < count; i++) {
      Scope conv = scope.child("extra_trans_convs").child(i).child("conv");
      // published code starts all others anew, by Xavier, and leaves these as they were made
      x = TransposedConv.apply(conv, x, channels, Initializer::he);
      enlarged.add(0, x);
    }
    return enlarged;
  }
}
