package io.elapid.data.source;

import io.elapid.data.SplitMix;

/**
 * Paints one generated picture: a textured ground with clutter, a textured figure at a random
 * place, scale and angle, something in front of it now and then, uneven light and grain.
 *
 * <p>Everything but the figure's outline is drawn independently of the class, so the outline is all
 * there is to learn; and since place, size, colours and their polarity are free, no pixel by itself
 * says anything.
 */
final class ShapesPainter {
  private static final int SUPERSAMPLING = 3;
  // How hard it is: tuned so that four plain convolutions at 48 pixels pass 90 % within ten epochs
  // of
  // 4,000 pictures, while a linear classifier stays near 20 %. Turning figures all the way round
  // would cost such a network a third of its accuracy.
  private static final double MAX_TILT = 0.3;
  private static final double MIN_CONTRAST = 190;
  private static final double OCCLUSION_SHARE = 0.2;

  private final int size;
  private final SplitMix random;
  private final float[] pixels;
  private final float[] colour = new float[3];

  private ShapesPainter(int size, long seed) {
    this.size = size;
    this.random = new SplitMix(seed);
    this.pixels = new float[size * size * 3];
  }

  /** The picture as bytes, height x width x 3. */
  static byte[] paint(Figure figure, int size, long seed) {
    ShapesPainter painter = new ShapesPainter(size, seed);
    painter.paint(figure);
    return painter.bytes();
  }

  private void paint(Figure figure) {
    float[] ground = colour();
    float[] ink = contrasting(ground);
    fill(texture(ground));
    int clutter = 2 + random.nextInt(5);
    for (int i = 0; i < clutter; i++) {
      blob(random.uniform(0, size), random.uniform(0, size), random.uniform(0.02, 0.06) * size);
    }
    double radius = random.uniform(0.30, 0.43) * size;
    double margin = 0.95 * radius;
    double x = random.uniform(margin, size - margin);
    double y = random.uniform(margin, size - margin);
    stamp(figure, x, y, radius, radius, random.uniform(-MAX_TILT, MAX_TILT), texture(ink));
    if (random.nextDouble() < OCCLUSION_SHARE) {
      double away = 0.8 * radius;
      blob(x + random.uniform(-away, away), y + random.uniform(-away, away), 0.2 * radius);
    }
    light();
  }

  private float[] colour() {
    return new float[] {channel(), channel(), channel()};
  }

  private float channel() {
    return (float) random.uniform(20, 235);
  }

  private float[] contrasting(float[] other) {
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
  private Texture texture(float[] main) {
    float[] towards = colour();
    float share = (float) random.uniform(0.05, 0.2);
    float[] relative = new float[3];
    for (int c = 0; c < 3; c++) {
      relative[c] = main[c] + share * (towards[c] - main[c]);
    }
    return new Texture(random, main, relative, random.uniform(0.04, 0.12) * size);
  }

  private void fill(Texture texture) {
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        texture.at(x, y, colour);
        System.arraycopy(colour, 0, pixels, (y * size + x) * 3, 3);
      }
    }
  }

  /** A small disc or square of any colour, squeezed. */
  private void blob(double x, double y, double radius) {
    Figure figure = random.nextInt(2) == 0 ? Figure.DISC : Figure.SQUARE;
    double angle = random.uniform(0, 2 * StrictMath.PI);
    stamp(figure, x, y, radius, radius * random.uniform(0.4, 1), angle, texture(colour()));
  }

  private void stamp(
      Figure figure, double cx, double cy, double rx, double ry, double angle, Texture texture) {
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
          blend(px, py, (float) hits / (SUPERSAMPLING * SUPERSAMPLING), texture);
        }
      }
    }
  }

  private void blend(int x, int y, float cover, Texture texture) {
    texture.at(x, y, colour);
    int at = (y * size + x) * 3;
    for (int c = 0; c < 3; c++) {
      pixels[at + c] += cover * (colour[c] - pixels[at + c]);
    }
  }

  /** Light from one side, and grain. */
  private void light() {
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

  private byte[] bytes() {
    byte[] bytes = new byte[pixels.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Math.max(0, Math.min(255, Math.round(pixels[i])));
    }
    return bytes;
  }
}
