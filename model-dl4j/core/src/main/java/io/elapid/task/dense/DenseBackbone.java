package io.elapid.task.dense;

import io.elapid.graph.Scope;
import io.elapid.model.Backbone;
import io.elapid.model.efficientvim.EfficientViM;
import io.elapid.model.efficientvmamba.EfficientVMamba;
import io.elapid.model.tinyvim.TinyViM;
import io.elapid.nn.BatchNormalization;
import io.elapid.nn.EfficientVitFpn;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.LayerNorm;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A backbone without its classifier, with the norms that its family puts on the maps that it hands
 * over. Parameters start with {@code backbone.}
 *
 * @param network any of the zoo
 * @param norms what the family adds
 * @param preNorm whether maps are normalised in the neck of a detector
 */
public record DenseBackbone(Backbone network, Norms norms, EfficientVitFpn.PreNorm preNorm) {

  /** Norms that belong to no stage; fresh when a classifier's weights are loaded. */
  public enum Norms {
    /** None. */
    NONE,
    /** A batch norm per map: {@code norm0}, {@code norm2} and so on. */
    BATCH,
    /** A layer norm over channels per map: {@code outnorm0}, {@code outnorm1} and so on. */
    LAYER
  }

  /** As published detectors and segmenters have it. */
  public static DenseBackbone of(Backbone network) {
    return new DenseBackbone(network, norms(network), preNorm(network));
  }

  private static Norms norms(Backbone network) {
    if (network instanceof TinyViM) {
      return Norms.BATCH;
    }
    return network instanceof EfficientVMamba ? Norms.LAYER : Norms.NONE;
  }

  private static EfficientVitFpn.PreNorm preNorm(Backbone network) {
    return network instanceof EfficientViM
        ? EfficientVitFpn.PreNorm.LAYER_NORM
        : EfficientVitFpn.PreNorm.NONE;
  }

  /**
   * With another choice of norms in the neck of a detector.
   *
   * @throws IllegalArgumentException if its neck has no place for them
   */
  public DenseBackbone with(EfficientVitFpn.PreNorm other) {
    if (other == EfficientVitFpn.PreNorm.LAYER_NORM && !isCoarse()) {
      throw new IllegalArgumentException(
          network.name() + " has four maps, whose neck has no norms");
    }
    return new DenseBackbone(network, norms, other);
  }

  /** Pixels per cell of the finest map: 4 where there are four stages, 16 where there are three. */
  public int finestStride() {
    return network.stages() == 4 ? 4 : 16;
  }

  /** Whether the finest map is too coarse for small objects. */
  public boolean isCoarse() {
    return finestStride() == 16;
  }

  /**
   * Adds the network up to its last stage.
   *
   * @param root scope of the whole network
   * @return one map per stage, finest first
   */
  public List<FeatureMap> maps(Scope root, SDVariable images) {
    return maps(root, images, 0);
  }

  /**
   * The same without the finest maps, whose norms nothing would be learnt for.
   *
   * @param first stage that hands over a map
   */
  public List<FeatureMap> maps(Scope root, SDVariable images, int first) {
    return maps(root, images, first, network.stages());
  }

  /**
   * The same without the coarsest maps, and the stages that make them.
   *
   * @param end first stage that is left out again
   */
  public List<FeatureMap> maps(Scope root, SDVariable images, int first, int end) {
    Scope scope = root.child("backbone");
    Set<Integer> used = new LinkedHashSet<>(IntStream.range(first, end).boxed().toList());
    List<FeatureMap> maps = new ArrayList<>();
    for (FeatureMap map : network.features(scope, images, used)) {
      maps.add(normed(scope, map, first + maps.size()));
    }
    return maps;
  }

  private FeatureMap normed(Scope scope, FeatureMap map, int index) {
    return switch (norms) {
      case NONE -> map;
      case BATCH ->
          map.with(
              BatchNormalization.apply(
                  scope.child("norm" + 2 * index), map.value(), map.channels()));
      case LAYER -> LayerNorm.apply(scope.child("outnorm" + index), map);
    };
  }
}
