package io.elapid.data.shard;

import io.elapid.data.image.ImageFormat;
import io.elapid.data.target.ClassTarget;
import io.elapid.data.target.Target;

/**
 * One row of a shard.
 *
 * @param id unique in the data set
 * @param image the picture's file, byte for byte
 * @param width in pixels, of the picture as its target sees it: upright where objects are annotated
 * @param height in pixels, likewise
 * @param format what the bytes are, whatever the file was called
 * @param source where the bytes came from: path, and for a member of an archive #offset
 */
public record Sample(
    String id,
    byte[] image,
    int width,
    int height,
    ImageFormat format,
    String source,
    Target target) {

  /**
   * The class index.
   *
   * @throws IllegalStateException if the picture has no single class
   */
  public int label() {
    if (target instanceof ClassTarget c) {
      return c.label();
    }
    throw new IllegalStateException("sample " + id + " is annotated for " + target.kind());
  }
}
