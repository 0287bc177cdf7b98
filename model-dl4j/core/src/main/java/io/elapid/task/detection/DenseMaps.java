package io.elapid.task.detection;

import io.elapid.nn.FeatureMap;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * What a dense head says at one level.
 *
 * @param logits (batch, anchors x classes, height, width)
 * @param deltas (batch, anchors x 4, height, width)
 */
record DenseMaps(FeatureMap logits, FeatureMap deltas) {

  /**
   * The variables that a level's loss compares with.
   *
   * @param labels (batch, anchors, height, width): classes, or 1 for an object and 0 for none
   * @param deltas (batch, anchors x 4, height, width)
   * @param positive (batch, anchors, height, width): 1 where the deltas count
   */
  record Wanted(SDVariable labels, SDVariable deltas, SDVariable positive) {}
}
