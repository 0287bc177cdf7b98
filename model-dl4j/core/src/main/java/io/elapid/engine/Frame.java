package io.elapid.engine;

import io.elapid.data.loader.ImageBatch;

/**
 * Input sizes that a program is compiled for.
 *
 * @param batch pictures
 */
public record Frame(int batch, int height, int width) {
  /** Of square pictures. */
  public static Frame square(int batch, int side) {
    return new Frame(batch, side, side);
  }

  /** That a batch comes in. */
  static Frame of(ImageBatch batch) {
    return new Frame(batch.capacity(), batch.frame().height(), batch.frame().width());
  }

  /** (batch, 3, height, width). */
  public long[] shape() {
    return new long[] {batch, 3, height, width};
  }
}
