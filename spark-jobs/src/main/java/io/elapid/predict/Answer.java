package io.elapid.predict;

import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Size;
import io.elapid.data.source.ClassLabel;
import io.elapid.predict.Prediction.Candidate;
import io.elapid.task.classification.Ranking;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** What a network says of a picture: each task has its kind. Equal answers are equal to the bit. */
public sealed interface Answer {

  /**
   * Of classifiers.
   *
   * @param candidates the likeliest classes, best first; ties by lower index
   */
  record Classes(List<Candidate> candidates) implements Answer {
    public Classes {
      candidates = List.copyOf(candidates);
    }

    /** The {@code top} likeliest of a row of logits. */
    static Classes of(FloatBuffer logits, int row, int classes, List<ClassLabel> labels, int top) {
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
        best.add(Candidate.of(labels, c, scores[c] / sum));
      }
      return new Classes(best);
    }
  }

  /**
   * Of detectors, with masks or without.
   *
   * @param picture its size once it is upright, which boxes and masks are relative to
   * @param found the surest first; maybe nothing
   */
  record Objects(Size picture, List<FoundObject> found) implements Answer {
    public Objects {
      found = List.copyOf(found);
    }
  }

  /**
   * Of networks that classify pixels.
   *
   * @param map class index of every pixel of the upright picture
   * @param shares of the picture that the classes in it have, the largest first; ties by lower
   *     index
   */
  record Labels(LabelMap map, List<Candidate> shares) implements Answer {
    public Labels {
      shares = List.copyOf(shares);
    }

    static Labels of(LabelMap map, List<ClassLabel> labels) {
      long[] pixels = map.histogram();
      double all = map.values().length;
      return new Labels(
          map,
          IntStream.range(0, pixels.length)
              .filter(label -> pixels[label] > 0)
              .boxed()
              .sorted(Comparator.comparingLong((Integer label) -> -pixels[label]))
              .map(label -> Candidate.of(labels, label, pixels[label] / all))
              .toList());
    }
  }

  /**
   * The picture could not be read.
   *
   * @param problem why
   */
  record Unreadable(String problem) implements Answer {
    static Unreadable because(Exception cause) {
      String message = cause.getMessage();
      return new Unreadable(message == null ? cause.getClass().getSimpleName() : message);
    }
  }
}
