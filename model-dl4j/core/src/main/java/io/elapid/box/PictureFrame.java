package io.elapid.box;

/**
 * Where a picture lies in what a network sees.
 *
 * @param width of the picture as the network sees it, without padding
 * @param scaleX that width over the original one
 */
public record PictureFrame(float width, float height, float scaleX, float scaleY) {
  /** Cut to the picture. */
  public Boxes clipped(Boxes boxes) {
    return boxes.clipped(width, height);
  }

  /** Cut to the picture and brought to its original scale. */
  public Boxes restored(Boxes boxes) {
    return clipped(boxes).dividedBy(scaleX, scaleY);
  }
}
