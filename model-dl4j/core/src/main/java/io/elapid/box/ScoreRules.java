package io.elapid.box;

import io.elapid.kernel.NonMaxSuppression;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which of a picture's boxes are kept.
 *
 * @param least scores count above this
 * @param perLevel best boxes that each level contributes
 * @param overlap boxes that overlap a better one of their kind by more are left out
 * @param limit boxes of a picture
 */
public record ScoreRules(double least, int perLevel, double overlap, int limit) {
  /** RetinaNet's. */
  public static final ScoreRules RETINA_NET = new ScoreRules(0.05, 1000, 0.5, 100);

  /** SSDLite's. */
  public static final ScoreRules SSD_LITE = new ScoreRules(0.02, 1000, 0.45, 200);

  /** The second stage's, of boxes that are all of one level. */
  public static final ScoreRules SECOND_STAGE = new ScoreRules(0.05, Integer.MAX_VALUE, 0.5, 100);

  /** Proposals to train the second stage on. */
  public static final ScoreRules TRAINING_PROPOSALS = new ScoreRules(0, 2000, 0.7, 1000);

  /** Proposals to be judged. */
  public static final ScoreRules PROPOSALS = new ScoreRules(0, 1000, 0.7, 1000);

  /** With another number of boxes. */
  public ScoreRules withLimit(int other) {
    return new ScoreRules(least, perLevel, overlap, other);
  }

  /** With other thresholds and another number of boxes. */
  public ScoreRules with(double otherLeast, double otherOverlap, int otherLimit) {
    return new ScoreRules(otherLeast, perLevel, otherOverlap, otherLimit);
  }

  /**
   * Detections of a one-stage detector: boxes cut to the picture and brought to its original scale,
   * then suppressed within classes.
   *
   * @param coder of the boxes that the levels say
   */
  public Detections detections(
      List<DenseLevel> levels,
      PictureFrame picture,
      BoxCoder coder,
      NonMaxSuppression suppression) {
    List<Detections> parts = new ArrayList<>();
    for (DenseLevel level : levels) {
      Detections best = level.best(least, perLevel, coder);
      parts.add(best.with(picture.restored(best.boxes())));
    }
    Detections all = Detections.concatenated(parts).withoutEmpty();
    return all.rows(keep(all, suppression));
  }

  /**
   * Regions worth a second look: cut to the picture, suppressed within levels, by falling score.
   *
   * @param levels with one class; the labels of the result are their numbers
   */
  public Detections proposals(
      List<DenseLevel> levels, PictureFrame picture, NonMaxSuppression suppression) {
    List<Detections> parts = new ArrayList<>();
    for (int l = 0; l < levels.size(); l++) {
      Detections best = levels.get(l).best(least, perLevel, BoxCoder.PLAIN);
      int[] level = new int[best.size()];
      Arrays.fill(level, l);
      parts.add(new Detections(picture.clipped(best.boxes()), best.scores(), level));
    }
    Detections all = Detections.concatenated(parts).withoutEmpty();
    return all.rows(keep(all, suppression));
  }

  /**
   * Detections of a second stage: the boxes that each region may be of each class, cut to the
   * picture and suppressed within classes. At the network's scale.
   *
   * @param regions n of them
   * @param logits (n, classes + 1), the background last; scores are their softmax
   * @param deltas (n, classes, 4)
   */
  public Detections detections(
      Boxes regions,
      float[] logits,
      float[] deltas,
      PictureFrame picture,
      NonMaxSuppression suppression) {
    if (regions.size() == 0) {
      return Detections.none();
    }
    int columns = logits.length / regions.size();
    Boxes boxes = picture.clipped(BoxCoder.SCALED.decode(regions, deltas));
    float[] scores = softmax(logits, columns);
    NonMaxSuppression.Detections kept =
        suppression.perClass(boxes.corners(), scores, columns, columns - 1, least, overlap, limit);
    int[] labels = new int[kept.count()];
    float[] best = new float[kept.count()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = kept.label(i);
      best[i] = scores[kept.row(i) * columns + kept.label(i)];
    }
    return new Detections(boxes.rows(kept.indices()), best, labels);
  }

  private static float[] softmax(float[] logits, int columns) {
    float[] scores = new float[logits.length];
    for (int row = 0; row < logits.length; row += columns) {
      float most = Float.NEGATIVE_INFINITY;
      for (int i = row; i < row + columns; i++) {
        most = Math.max(most, logits[i]);
      }
      double sum = 0;
      for (int i = row; i < row + columns; i++) {
        scores[i] = (float) Math.exp(logits[i] - most);
        sum += scores[i];
      }
      for (int i = row; i < row + columns; i++) {
        scores[i] /= (float) sum;
      }
    }
    return scores;
  }

  private int[] keep(Detections all, NonMaxSuppression suppression) {
    return suppression.keep(all.boxes().corners(), all.scores(), all.labels(), overlap, limit);
  }
}
