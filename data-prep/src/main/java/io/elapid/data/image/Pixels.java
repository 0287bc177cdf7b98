package io.elapid.data.image;

/** The values of a decoded picture, in whatever numbers. */
public sealed interface Pixels permits Image, FloatImage {
  /** Columns. */
  int width();

  /** Rows. */
  int height();
}
