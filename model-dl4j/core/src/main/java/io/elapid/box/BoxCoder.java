package io.elapid.box;

/**
 * Boxes as differences from others: {@code dx = (gx - px) / pw, dy, dw = ln(gw / pw), dh} of
 * centres and sides, less the mean, over the deviation.
 *
 * @param deviation of dx and dy
 * @param sizeDeviation of dw and dh
 */
public record BoxCoder(float deviation, float sizeDeviation) {
  /** RetinaNet's and the proposals'. */
  public static final BoxCoder PLAIN = new BoxCoder(1, 1);

  /** The second stage's, and SSD's. */
  public static final BoxCoder SCALED = new BoxCoder(0.1f, 0.2f);

  private static final float MOST = (float) Math.abs(Math.log(16.0 / 1000));

  /** Differences (n, 4) of {@code targets} from {@code sources}, row by row. */
  public float[] encode(Boxes sources, Boxes targets) {
    float[] deltas = new float[sources.corners().length];
    for (int i = 0; i < sources.size(); i++) {
      encode(sources, i, targets, i, deltas, 4 * i);
    }
    return deltas;
  }

  /** The difference of target {@code j} from source {@code i}, four numbers from {@code at} on. */
  public void encode(Boxes sources, int i, Boxes targets, int j, float[] deltas, int at) {
    float width = sources.width(i);
    float height = sources.height(i);
    float dx = (centreX(targets, j) - centreX(sources, i)) / width;
    float dy = (centreY(targets, j) - centreY(sources, i)) / height;
    deltas[at] = dx / deviation;
    deltas[at + 1] = dy / deviation;
    deltas[at + 2] = (float) Math.log(targets.width(j) / width) / sizeDeviation;
    deltas[at + 3] = (float) Math.log(targets.height(j) / height) / sizeDeviation;
  }

  private static float centreX(Boxes boxes, int i) {
    return (boxes.left(i) + boxes.right(i)) * 0.5f;
  }

  private static float centreY(Boxes boxes, int i) {
    return (boxes.top(i) + boxes.bottom(i)) * 0.5f;
  }

  /**
   * The boxes that differ so from {@code sources}. Sides are at most 62.5 times the source's.
   *
   * @param deltas (n, k, 4): k boxes per source
   * @return n k boxes
   */
  public Boxes decode(Boxes sources, float[] deltas) {
    float[] corners = new float[deltas.length];
    int perSource = sources.size() == 0 ? 0 : deltas.length / sources.corners().length;
    for (int i = 0; i < sources.size(); i++) {
      for (int k = 0; k < perSource; k++) {
        int at = 4 * (i * perSource + k);
        decode(
            sources,
            i,
            new Delta(deltas[at], deltas[at + 1], deltas[at + 2], deltas[at + 3]),
            corners,
            i * perSource + k);
      }
    }
    return new Boxes(corners);
  }

  /** Four numbers that a head says. */
  record Delta(float dx, float dy, float dw, float dh) {}

  void decode(Boxes sources, int i, Delta delta, float[] corners, int index) {
    float width = sources.width(i);
    float height = sources.height(i);
    float x = centreX(sources, i) + width * (delta.dx() * deviation);
    float y = centreY(sources, i) + height * (delta.dy() * deviation);
    float newWidth = width * (float) Math.exp(clamped(delta.dw() * sizeDeviation));
    float newHeight = height * (float) Math.exp(clamped(delta.dh() * sizeDeviation));
    Boxes.put(
        corners,
        index,
        x - newWidth * 0.5f,
        y - newHeight * 0.5f,
        x + newWidth * 0.5f,
        y + newHeight * 0.5f);
  }

  private static float clamped(float logarithm) {
    return Math.max(-MOST, Math.min(logarithm, MOST));
  }
}
