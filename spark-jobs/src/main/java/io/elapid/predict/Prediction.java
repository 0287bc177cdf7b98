package io.elapid.predict;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.elapid.data.source.ClassLabel;
import io.elapid.data.target.RunLengthText;
import io.elapid.task.classification.Ranking;
import io.elapid.task.evaluation.Detection;
import java.io.Serializable;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a network says of one picture.
 *
 * @param path the picture
 * @param candidates the likeliest classes, best first; ties by lower index. Of objects, the surest
 *     ones with their classes; maybe none
 * @param problem why there are none; null otherwise
 * @param painted JPEG of the picture with what was found drawn over; empty where nothing is drawn
 */
public record Prediction(
    String path, List<Candidate> candidates, String problem, @JsonIgnore byte[] painted)
    implements Serializable {

  /** One for all, so that predictions that say the same are equal. */
  private static final byte[] NOTHING = new byte[0];

  /** Where nothing is drawn. */
  public Prediction(String path, List<Candidate> candidates, String problem) {
    this(path, candidates, problem, NOTHING);
  }

  /**
   * One class and how likely it is.
   *
   * @param index class index
   * @param name class name, or the index in words where the weights carry no names
   * @param probability softmax of the logits; of classes of pixels, the share of the picture; of
   *     objects, the score
   * @param place where an object is; null for what is no object
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Candidate(int index, String name, double probability, Place place)
      implements Serializable {
    /** What is no object. */
    public Candidate(int index, String name, double probability) {
      this(index, name, probability, null);
    }
  }

  /**
   * Where an object is, in pixels of the picture.
   *
   * @param x left edge of its box
   * @param y upper edge
   * @param mask its run lengths down the columns as COCO writes them; null where only boxes are
   *     found
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Place(double x, double y, double width, double height, String mask)
      implements Serializable {
    /** Of something that was found. */
    public static Place of(Detection object) {
      return new Place(
          object.x(),
          object.y(),
          object.width(),
          object.height(),
          object.mask().map(mask -> RunLengthText.encode(mask.counts())).orElse(null));
    }
  }

  static Prediction of(
      String path, FloatBuffer logits, int row, int classes, List<ClassLabel> labels, int top) {
    double[] scores = new double[classes];
    double max = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      scores[c] = logits.get(row * classes + c);
      max = Math.max(max, scores[c]);
    }
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      scores[c] = Math.exp(scores[c] - max);
      sum += scores[c];
    }
    List<Candidate> best = new ArrayList<>();
    for (int c : Ranking.top(logits, row * classes, classes, top)) {
      best.add(new Candidate(c, name(labels, c), scores[c] / sum));
    }
    return new Prediction(path, best, null);
  }

  /** Name of a class, or the index in words where there are no names. */
  public static String name(List<ClassLabel> labels, int index) {
    return index < labels.size() ? labels.get(index).name() : "class " + index;
  }
}
