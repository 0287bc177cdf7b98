package io.elapid.task.dense;

import io.elapid.nn.FpnSettings;

/**
 * What is free to choose about a feature pyramid.
 *
 * @param channels of every level
 * @param extra how levels that are coarser than the backbone's maps are made, where there are any
 */
public record Neck(long channels, FpnSettings.Extra extra) {
  /** Checks the width. */
  public Neck {
    if (channels < 1) {
      throw new IllegalArgumentException("a neck of %d channels".formatted(channels));
    }
  }

  /** With so many levels of all maps. */
  public FpnSettings levels(int outputs) {
    return new FpnSettings(channels, 0, outputs, extra);
  }
}
