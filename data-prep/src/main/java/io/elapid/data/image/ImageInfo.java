package io.elapid.data.image;

/**
 * What a picture's header says.
 *
 * @param format its real encoding
 * @param width as stored
 * @param height as stored
 * @param orientation what an EXIF block claims; decoding ignores it
 */
public record ImageInfo(ImageFormat format, int width, int height, Orientation orientation) {
  /** Of the picture turned as {@link #orientation} says. */
  public Size upright() {
    return orientation.isTurned() ? new Size(height, width) : new Size(width, height);
  }
}
