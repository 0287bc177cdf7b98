package io.elapid.data.image;

/** How stored pixels relate to the upright picture: EXIF's tag 274. */
public enum Orientation {
  UPRIGHT(1),
  MIRRORED(2),
  UPSIDE_DOWN(3),
  UPSIDE_DOWN_MIRRORED(4),
  TRANSPOSED(5),
  TURNED_LEFT(6),
  TRANSVERSED(7),
  TURNED_RIGHT(8);

  private final int exif;

  Orientation(int exif) {
    this.exif = exif;
  }

  /** Of EXIF's number; whatever is not 1 to 8 says nothing. */
  public static Orientation ofExif(int number) {
    for (Orientation orientation : values()) {
      if (orientation.exif == number) {
        return orientation;
      }
    }
    return UPRIGHT;
  }

  /** EXIF's number, 1 to 8. */
  public int exif() {
    return exif;
  }

  /** Whether width and height change places. */
  public boolean isTurned() {
    return exif > 4;
  }

  /** The upright picture of stored pixels; the same object when they are upright. */
  public Image upright(Image stored) {
    if (this == UPRIGHT) {
      return stored;
    }
    int width = isTurned() ? stored.height() : stored.width();
    int height = isTurned() ? stored.width() : stored.height();
    byte[] in = stored.rgb();
    byte[] out = new byte[in.length];
    int to = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++, to += Image.CHANNELS) {
        int from = source(x, y, stored.width(), stored.height()) * Image.CHANNELS;
        out[to] = in[from];
        out[to + 1] = in[from + 1];
        out[to + 2] = in[from + 2];
      }
    }
    return new Image(width, height, out);
  }

  /** The stored pixel that comes to lie at (x, y). */
  private int source(int x, int y, int width, int height) {
    return switch (this) {
      case UPRIGHT -> y * width + x;
      case MIRRORED -> y * width + width - 1 - x;
      case UPSIDE_DOWN -> (height - 1 - y) * width + width - 1 - x;
      case UPSIDE_DOWN_MIRRORED -> (height - 1 - y) * width + x;
      case TRANSPOSED -> x * width + y;
      case TURNED_LEFT -> (height - 1 - x) * width + y;
      case TRANSVERSED -> (height - 1 - x) * width + width - 1 - y;
      case TURNED_RIGHT -> x * width + width - 1 - y;
    };
  }
}
