package io.elapid.worker;

import io.elapid.data.source.ClassLabel;
import java.io.Serializable;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a classifier says of one picture.
 *
 * @param path the picture
 * @param candidates the likeliest classes, best first; ties by lower index
 * @param problem why there are none; null otherwise
 */
public record Prediction(String path, List<Candidate> candidates, String problem)
    implements Serializable {

  /**
   * One class and how likely it is.
   *
   * @param index class index
   * @param name class name, or the index in words where the weights carry no names
   * @param probability softmax of the logits
   */
  public record Candidate(int index, String name, double probability) implements Serializable {}

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
    double total = sum;
    List<Candidate> best =
        IntStream.range(0, classes)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer c) -> -scores[c]))
            .limit(top)
            .map(c -> new Candidate(c, name(labels, c), scores[c] / total))
            .toList();
    return new Prediction(path, new ArrayList<>(best), null);
  }

  private static String name(List<ClassLabel> labels, int index) {
    return index < labels.size() ? labels.get(index).name() : "class " + index;
  }
}
