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

  /** The second stage's, of boxes that are all of one level. */
  public static final ScoreRules SECOND_STAGE = new ScoreRules(0.05, Integer.MAX_VALUE, 0.5, 100);

  /** Proposals to train the second stage on. */
  public static final ScoreRules TRAINING_PROPOSALS = new ScoreRules(0, 2000, 0.7, 1000);

  /** Proposals to be judged. */
  public static final ScoreRules PROPOSALS = new ScoreRules(0, 1000, 0.7, 1000);

  /**
   * Detections of a one-stage detector: boxes cut to the picture and brought to its original
   * scale, then suppressed within classes.
   */
  public Detections detections(List<DenseLevel> levels, PictureFrame picture) {
    List<Detections> parts = new ArrayList<>();
    for (DenseLevel level : levels) {
      Detections best = level.best(least, perLevel, BoxCoder.PLAIN);
      parts.add(best.with(picture.restored(best.boxes())));
    }
    Detections all = Detections.concatenated(parts).withoutEmpty();
    return all.rows(keep(all, all.labels()));
  }

  /**
   * Regions worth a second look: cut to the picture, suppressed within levels, by falling score.
   *
   * @param levels with one class; the labels of the result are their numbers
   */
  public Detections proposals(List<DenseLevel> levels, PictureFrame picture) {
    List<Detections> parts = new ArrayList<>();
    for (int l = 0; l < levels.size(); l++) {
      Detections best = levels.get(l).best(least, perLevel, BoxCoder.PLAIN);
      int[] level = new int[best.size()];
      Arrays.fill(level, l);
      parts.add(new Detections(picture.clipped(best.boxes()), best.scores(), level));
    }
    Detections all = Detections.concatenated(parts).withoutEmpty();
    return all.rows(keep(all, all.labels()));
  }

  private int[] keep(Detections all, int[] ids) {
    return NonMaxSuppression.keep(all.boxes().corners(), all.scores(), ids, overlap, limit);
  }
}
