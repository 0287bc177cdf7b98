package io.elapid.box;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Objects found in a picture.
 *
 * @param scores falling
 * @param labels class indices
 */
public record Detections(Boxes boxes, float[] scores, int[] labels) {
  /** Nothing found. */
  public static Detections none() {
    return new Detections(Boxes.none(), new float[0], new int[0]);
  }

  public int size() {
    return scores.length;
  }

  /** Some of them, in that order. */
  public Detections rows(int... indices) {
    float[] chosen = new float[indices.length];
    int[] classes = new int[indices.length];
    for (int i = 0; i < indices.length; i++) {
      chosen[i] = scores[indices[i]];
      classes[i] = labels[indices[i]];
    }
    return new Detections(boxes.rows(indices), chosen, classes);
  }

  /** The same objects with other boxes. */
  public Detections with(Boxes others) {
    return new Detections(others, scores, labels);
  }

  /** Those whose box has an inside. */
  public Detections withoutEmpty() {
    int[] kept = new int[size()];
    int count = 0;
    for (int i = 0; i < size(); i++) {
      if (boxes.width(i) > 0 && boxes.height(i) > 0) {
        kept[count++] = i;
      }
    }
    return rows(Arrays.copyOf(kept, count));
  }

  /** All of several lists, one after the other. */
  public static Detections concatenated(List<Detections> lists) {
    int count = lists.stream().mapToInt(Detections::size).sum();
    float[] scores = new float[count];
    int[] labels = new int[count];
    List<Boxes> boxes = new ArrayList<>();
    int at = 0;
    for (Detections list : lists) {
      System.arraycopy(list.scores, 0, scores, at, list.size());
      System.arraycopy(list.labels, 0, labels, at, list.size());
      boxes.add(list.boxes);
      at += list.size();
    }
    return new Detections(Boxes.concatenated(boxes), scores, labels);
  }
}
