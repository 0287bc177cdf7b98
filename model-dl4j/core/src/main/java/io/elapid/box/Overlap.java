package io.elapid.box;

/** How much two boxes have in common. Areas below 1e-6 count as that, so nothing divides by 0. */
public enum Overlap {
  /** Intersection over union. */
  UNION,
  /** Intersection over the area of the first box. */
  FIRST,
  /**
   * Intersection over union, less the share of the smallest box around both that neither covers: in
   * (-1, 1].
   */
  GENERALISED;

  private static final float LEAST = 1e-6f;

  /** Of box {@code i} of {@code a} with box {@code j} of {@code b}. */
  public float of(Boxes a, int i, Boxes b, int j) {
    float common = intersection(a, i, b, j);
    float area = this == FIRST ? a.area(i) : a.area(i) + b.area(j) - common;
    float whole = Math.max(area, LEAST);
    float ratio = common / whole;
    if (this != GENERALISED) {
      return ratio;
    }
    float width = Math.max(a.right(i), b.right(j)) - Math.min(a.left(i), b.left(j));
    float height = Math.max(a.bottom(i), b.bottom(j)) - Math.min(a.top(i), b.top(j));
    float hull = Math.max(Math.max(width, 0) * Math.max(height, 0), LEAST);
    return ratio - (hull - whole) / hull;
  }

  private static float intersection(Boxes a, int i, Boxes b, int j) {
    float width = Math.min(a.right(i), b.right(j)) - Math.max(a.left(i), b.left(j));
    float height = Math.min(a.bottom(i), b.bottom(j)) - Math.max(a.top(i), b.top(j));
    return width <= 0 || height <= 0 ? 0 : width * height;
  }

  /** Of every box of {@code a} with every one of {@code b}: row by row. */
  public float[] matrix(Boxes a, Boxes b) {
    float[] all = new float[a.size() * b.size()];
    for (int i = 0; i < a.size(); i++) {
      for (int j = 0; j < b.size(); j++) {
        all[i * b.size() + j] = of(a, i, b, j);
      }
    }
    return all;
  }
}
