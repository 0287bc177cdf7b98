package io.elapid.data.source;

import java.util.List;
import java.util.Locale;

/**
 * The figures that generated pictures show, as sets of points in a plane where each fits into the
 * unit disc. No two are the same after a rotation or a change of scale.
 */
enum Figure {
  DISC {
    @Override
    boolean contains(double x, double y) {
      return x * x + y * y < 0.8 * 0.8;
    }
  },
  RING {
    @Override
    boolean contains(double x, double y) {
      double r = x * x + y * y;
      return r < 0.95 * 0.95 && r > 0.55 * 0.55;
    }
  },
  SQUARE {
    @Override
    boolean contains(double x, double y) {
      return box(x, y, 0.7, 0.7);
    }
  },
  FRAME {
    @Override
    boolean contains(double x, double y) {
      return box(x, y, 0.7, 0.7) && !box(x, y, 0.4, 0.4);
    }
  },
  TRIANGLE {
    @Override
    boolean contains(double x, double y) {
      return y < 0.5 && y > 2 * Math.abs(x) * 0.8660254 - 1;
    }
  },
  STAR {
    @Override
    boolean contains(double x, double y) {
      return polygon(STAR_OUTLINE, x, y);
    }
  },
  PLUS {
    @Override
    boolean contains(double x, double y) {
      return box(x, y, 0.95, 0.27) || box(x, y, 0.27, 0.95);
    }
  },
  CRESCENT {
    @Override
    boolean contains(double x, double y) {
      double dx = x - 0.45;
      return x * x + y * y < 0.95 * 0.95 && dx * dx + y * y > 0.72 * 0.72;
    }
  },
  ARROW {
    @Override
    boolean contains(double x, double y) {
      return polygon(ARROW_OUTLINE, x, y);
    }
  },
  HOURGLASS {
    @Override
    boolean contains(double x, double y) {
      return Math.abs(y) < 0.8 && Math.abs(x) < 0.08 + 0.65 * Math.abs(y);
    }
  },
  HEART {
    @Override
    boolean contains(double x, double y) {
      double u = 1.25 * x;
      double v = -1.25 * y;
      double r = u * u + v * v - 1;
      return r * r * r < u * u * v * v * v;
    }
  },
  ELL {
    @Override
    boolean contains(double x, double y) {
      return box(x + 0.4, y, 0.25, 0.8) || box(x, y - 0.55, 0.65, 0.25);
    }
  },
  HEXAGON {
    @Override
    boolean contains(double x, double y) {
      double u = Math.abs(x);
      double v = Math.abs(y);
      return v < 0.78 && 0.8660254 * u + 0.5 * v < 0.78;
    }
  },
  CAPSULE {
    @Override
    boolean contains(double x, double y) {
      double u = Math.max(0, Math.abs(x) - 0.6);
      return u * u + y * y < 0.35 * 0.35;
    }
  };

  /** All figures in class order. */
  static final List<Figure> ALL = List.of(values());

  private static final double[] STAR_OUTLINE = spikes(5, 0.4);
  private static final double[] ARROW_OUTLINE = {
    -1, -0.22, 0.1, -0.22, 0.1, -0.7, 1, 0, 0.1, 0.7, 0.1, 0.22, -1, 0.22
  };

  abstract boolean contains(double x, double y);

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static boolean box(double x, double y, double halfWidth, double halfHeight) {
    return Math.abs(x) < halfWidth && Math.abs(y) < halfHeight;
  }

  private static double[] spikes(int points, double inner) {
    double[] outline = new double[4 * points];
    for (int i = 0; i < 2 * points; i++) {
      double angle = StrictMath.PI * i / points;
      double radius = i % 2 == 0 ? 1 : inner;
      outline[2 * i] = radius * StrictMath.sin(angle);
      outline[2 * i + 1] = -radius * StrictMath.cos(angle);
    }
    return outline;
  }

  /** Even-odd rule over the outline x0, y0, x1, y1, ... */
  private static boolean polygon(double[] outline, double x, double y) {
    boolean inside = false;
    int last = outline.length - 2;
    for (int i = 0; i < outline.length; last = i, i += 2) {
      double yi = outline[i + 1];
      double yj = outline[last + 1];
      if (yi > y != yj > y
          && x < (outline[last] - outline[i]) * (y - yi) / (yj - yi) + outline[i]) {
        inside = !inside;
      }
    }
    return inside;
  }
}
