package io.elapid.data.source;

import io.elapid.data.SplitMix;

/**
 * A square picture being painted with random colours, textures and figures. What is drawn from the
 * generator, and in which order, is part of what a seed means.
 */
final class Canvas {
  private static final int SUPERSAMPLING = 3;
  private static final double MIN_CONTRAST = 190;

  private final int size;
  private final SplitMix random;
  private final float[] pixels;
  private final float[] colour = new float[3];

  Canvas(int size, SplitMix random) {
    this.size = size;
    this.random = random;
    this.pixels = new float[size * size * 3];
  }

  /** Any colour but very dark and very light ones. */
  float[] colour() {
    return new float[] {channel(), channel(), channel()};
  }

  private float channel() {
    return (float) random.uniform(20, 235);
  }

  /** A colour that stands out against another. */
  float[] contrasting(float[] other) {
    while (true) {
      float[] candidate = colour();
      double distance = 0;
      for (int c = 0; c < 3; c++) {
        distance += (candidate[c] - other[c]) * (candidate[c] - other[c]);
      }
      if (distance > MIN_CONTRAST * MIN_CONTRAST) {
        return candidate;
      }
    }
  }

  /** A texture of a colour and a relative of it, so that its pattern stays weaker than outlines. */
  Texture texture(float[] main) {
    float[] towards = colour();
    float share = (float) random.uniform(0.05, 0.2);
    float[] relative = new float[3];
    for (int c = 0; c < 3; c++) {
      relative[c] = main[c] + share * (towards[c] - main[c]);
    }
    return new Texture(random, main, relative, random.uniform(0.04, 0.12) * size);
  }

  /** Covers everything. */
  void fill(Texture texture) {
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        texture.at(x, y, colour);
        System.arraycopy(colour, 0, pixels, (y * size + x) * 3, 3);
      }
    }
  }

  /** A small disc or square of any colour, squeezed. */
  void blob(double x, double y, double radius) {
    Figure figure = random.nextInt(2) == 0 ? Figure.DISC : Figure.SQUARE;
    double angle = random.uniform(0, 2 * StrictMath.PI);
    stamp(figure, x, y, radius, radius * random.uniform(0.4, 1), angle, texture(colour()));
  }

  /** A figure of one texture, squeezed and turned. */
  void stamp(
      Figure figure, double cx, double cy, double rx, double ry, double angle, Texture texture) {
    cover(figure, cx, cy, rx, ry, angle, (x, y, share) -> blend(x, y, share, texture));
  }

  /** What happens to a pixel of which a figure covers some share. */
  interface Covered {
    void at(int x, int y, float share);
  }

  /** Visits the pixels that a figure would cover. */
  void cover(
      Figure figure, double cx, double cy, double rx, double ry, double angle, Covered covered) {
    double cos = StrictMath.cos(angle);
    double sin = StrictMath.sin(angle);
    double reach = 1.05 * Math.max(rx, ry);
    int left = Math.max(0, (int) (cx - reach));
    int right = Math.min(size - 1, (int) (cx + reach) + 1);
    int top = Math.max(0, (int) (cy - reach));
    int bottom = Math.min(size - 1, (int) (cy + reach) + 1);
    for (int py = top; py <= bottom; py++) {
      for (int px = left; px <= right; px++) {
        int hits = 0;
        for (int sy = 0; sy < SUPERSAMPLING; sy++) {
          double dy = py + (sy + 0.5) / SUPERSAMPLING - cy;
          for (int sx = 0; sx < SUPERSAMPLING; sx++) {
            double dx = px + (sx + 0.5) / SUPERSAMPLING - cx;
            if (figure.contains((dx * cos + dy * sin) / rx, (dy * cos - dx * sin) / ry)) {
              hits++;
            }
          }
        }
        if (hits > 0) {
          covered.at(px, py, (float) hits / (SUPERSAMPLING * SUPERSAMPLING));
        }
      }
    }
  }

  /** Mixes a texture into a pixel. */
  void blend(int x, int y, float cover, Texture texture) {
    texture.at(x, y, colour);
    int at = (y * size + x) * 3;
    for (int c = 0; c < 3; c++) {
      pixels[at + c] += cover * (colour[c] - pixels[at + c]);
    }
  }

  /** Light from one side, and grain. */
  void light() {
    double fallX = random.uniform(-0.25, 0.25) / size;
    double fallY = random.uniform(-0.25, 0.25) / size;
    double grain = random.uniform(2, 8);
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        float light = (float) (1 + fallX * (x - size / 2.0) + fallY * (y - size / 2.0));
        long bits = random.nextLong();
        for (int c = 0; c < 3; c++) {
          // The sum of two uniform bytes: a triangle, near enough to real grain.
          int sum = (int) (bits & 0xFF) + (int) (bits >>> 8 & 0xFF) - 255;
          bits >>>= 16;
          int at = (y * size + x) * 3 + c;
          pixels[at] = pixels[at] * light + (float) (grain * sum / 104);
        }
      }
    }
  }

  /** The picture, height x width x 3. */
  byte[] bytes() {
    byte[] bytes = new byte[pixels.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Math.max(0, Math.min(255, Math.round(pixels[i])));
    }
    return bytes;
  }
}
