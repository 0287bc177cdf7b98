package io.elapid.data.target;

/**
 * What is to be learnt from a decoded picture, in the coordinates of its present pixels: whatever
 * moves the pixels moves this along.
 */
public sealed interface GroundTruth permits WholePicture, Instances, PixelClasses {
  TargetKind kind();
}
