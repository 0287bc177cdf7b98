package io.elapid.nn;

import io.elapid.graph.Scope;
import java.util.ArrayList;
import java.util.List;

/**
 * Feature pyramid network (Lin et al., CVPR 2017): maps of a backbone, finest first, to levels of
 * equally many channels. Parameters {@code lateral_convs.i.conv} and {@code fpn_convs.i.conv}; no
 * norm, no activation.
 */
public final class Fpn {
  private Fpn() {}

  /** Adds the neck. */
  public static List<FeatureMap> apply(Scope scope, List<FeatureMap> maps, FpnSettings settings) {
    Pyramid pyramid = new Pyramid(scope, settings);
    List<FeatureMap> used = maps.subList(settings.startLevel(), maps.size());
    List<FeatureMap> levels = new ArrayList<>(pyramid.smoothed("fpn_convs", pyramid.topDown(used)));
    pyramid.extend(levels, levels.size(), maps.get(maps.size() - 1));
    return levels;
  }
}
