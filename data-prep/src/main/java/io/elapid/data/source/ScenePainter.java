package io.elapid.data.source;

import io.elapid.data.SplitMix;
import io.elapid.data.image.Image;
import io.elapid.data.source.Scene.Thing;
import io.elapid.data.target.ObjectAnnotation.Extent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Paints a picture of several shapes: a textured ground with patches and clutter, shapes of all
 * sizes that hide parts of each other, now and then a crowd of small ones or something in front of
 * a shape, uneven light and grain.
 *
 * <p>As with {@linkplain ShapesPainter single shapes} only outlines tell classes apart. Of every
 * shape at least half stays in sight, so that it can be told.
 */
final class ScenePainter {
  private static final double MIN_RADIUS = 0.07;
  private static final double MAX_RADIUS = 0.33;
  private static final double MIN_VISIBLE = 0.5;
  private static final double CROWD_SHARE = 0.1;
  private static final double OCCLUSION_SHARE = 0.2;
  private static final int TRIES = 12;

  private final SceneSpec spec;
  private final int size;
  private final SplitMix random;
  private final Canvas canvas;
  private final int[] owners;
  private final List<Thing> things = new ArrayList<>();
  private final List<Integer> areas = new ArrayList<>();

  private ScenePainter(SceneSpec spec, long seed) {
    this.spec = spec;
    this.size = spec.size();
    this.random = new SplitMix(seed);
    this.canvas = new Canvas(size, random);
    this.owners = new int[size * size];
    Arrays.fill(owners, Scene.GROUND);
  }

  static Scene paint(SceneSpec spec, long seed) {
    return new ScenePainter(spec, seed).paint();
  }

  private Scene paint() {
    float[] ground = canvas.colour();
    ground(ground);
    if (random.nextDouble() < CROWD_SHARE) {
      crowd(ground);
    }
    int shapes = 2 + random.nextInt(4);
    for (int i = 0; i < shapes; i++) {
      shape(ground);
    }
    canvas.light();
    Image image = new Image(size, size, canvas.bytes());
    return new Scene(image, List.copyOf(things), owners);
  }

  private void ground(float[] colour) {
    canvas.fill(canvas.texture(colour));
    int patches = random.nextInt(3);
    for (int i = 0; i < patches; i++) {
      double x = random.uniform(0, size);
      double y = random.uniform(0, size);
      double radius = random.uniform(0.2, 0.6) * size;
      double angle = random.uniform(0, StrictMath.PI);
      Texture texture = canvas.texture(near(colour));
      canvas.stamp(Figure.SQUARE, x, y, radius, 0.6 * radius, angle, texture);
    }
    int clutter = 6 + random.nextInt(10);
    for (int i = 0; i < clutter; i++) {
      double x = random.uniform(0, size);
      double y = random.uniform(0, size);
      canvas.blob(x, y, random.uniform(0.01, 0.03) * size);
    }
  }

  private float[] near(float[] colour) {
    float[] other = canvas.colour();
    for (int c = 0; c < other.length; c++) {
      other[c] = colour[c] + 0.3f * (other[c] - colour[c]);
    }
    return other;
  }

  /** One more shape in front of those that are there, where it does not hide too much of them. */
  private void shape(float[] ground) {
    int label = random.nextInt(spec.classes());
    Texture texture = canvas.texture(canvas.contrasting(ground));
    for (int i = 0; i < TRIES; i++) {
      // As many between 10 and 20 pixels as between 20 and 40.
      double ratio = StrictMath.log(MAX_RADIUS / MIN_RADIUS);
      double radius = MIN_RADIUS * size * StrictMath.exp(ratio * random.nextDouble());
      double margin = 0.6 * radius;
      double x = random.uniform(margin, size - margin);
      double y = random.uniform(margin, size - margin);
      double angle = random.uniform(-ShapesPainter.MAX_TILT, ShapesPainter.MAX_TILT);
      Footprint print = new Footprint(size);
      canvas.cover(Figure.ALL.get(label), x, y, radius, radius, angle, print);
      if (leavesEnough(print)) {
        print.paint(canvas, texture);
        take(print, things.size());
        things.add(new Thing(label, Extent.OBJECT));
        areas.add(print.pixels());
        hide(x, y, radius);
        return;
      }
    }
  }

  /** Something of no class in front of a shape, now and then. */
  private void hide(double x, double y, double radius) {
    if (random.nextDouble() >= OCCLUSION_SHARE) {
      return;
    }
    double cx = x + random.uniform(-0.7, 0.7) * radius;
    double cy = y + random.uniform(-0.7, 0.7) * radius;
    double small = 0.2 * radius;
    Texture texture = canvas.texture(canvas.colour());
    Footprint print = new Footprint(size);
    canvas.cover(Figure.DISC, cx, cy, small, small, 0, print);
    if (leavesEnough(print)) {
      print.paint(canvas, texture);
      take(print, Scene.OTHER);
    }
  }

  /** Many small ones of a kind, close together, on the ground. */
  private void crowd(float[] ground) {
    int label = random.nextInt(spec.classes());
    Texture texture = canvas.texture(canvas.contrasting(ground));
    double x = random.uniform(0.2, 0.8) * size;
    double y = random.uniform(0.2, 0.8) * size;
    int members = 8 + random.nextInt(5);
    Footprint all = new Footprint(size);
    for (int i = 0; i < members; i++) {
      double mx = x + random.uniform(-0.12, 0.12) * size;
      double my = y + random.uniform(-0.12, 0.12) * size;
      double radius = random.uniform(0.03, 0.045) * size;
      canvas.cover(Figure.ALL.get(label), mx, my, radius, radius, 0, all);
    }
    all.paint(canvas, texture);
    take(all, things.size());
    things.add(new Thing(label, Extent.CROWD));
    areas.add(all.pixels());
  }

  private boolean leavesEnough(Footprint print) {
    int[] seen = new int[things.size()];
    for (int i = 0; i < owners.length; i++) {
      if (owners[i] >= 0 && !print.holds(i)) {
        seen[owners[i]]++;
      }
    }
    for (int i = 0; i < seen.length; i++) {
      if (seen[i] < MIN_VISIBLE * areas.get(i)) {
        return false;
      }
    }
    return true;
  }

  private void take(Footprint print, int owner) {
    for (int i = 0; i < owners.length; i++) {
      if (print.holds(i)) {
        owners[i] = owner;
      }
    }
  }

  /** The pixels that something would cover; it owns those that it covers at least half. */
  private static final class Footprint implements Canvas.Covered {
    private final int size;
    private final float[] shares;

    Footprint(int size) {
      this.size = size;
      this.shares = new float[size * size];
    }

    @Override
    public void at(int x, int y, float share) {
      shares[y * size + x] = Math.max(shares[y * size + x], share);
    }

    boolean holds(int pixel) {
      return shares[pixel] >= 0.5f;
    }

    int pixels() {
      int pixels = 0;
      for (int i = 0; i < shares.length; i++) {
        pixels += holds(i) ? 1 : 0;
      }
      return pixels;
    }

    void paint(Canvas canvas, Texture texture) {
      for (int i = 0; i < shares.length; i++) {
        if (shares[i] > 0) {
          canvas.blend(i % size, i / size, shares[i], texture);
        }
      }
    }
  }
}
