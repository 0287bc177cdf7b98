package io.elapid.predict;

import io.elapid.data.image.LabelMap;
import io.elapid.data.source.ClassLabel;
import java.util.List;

/**
 * What a network says of one picture.
 *
 * @param path the picture
 */
public record Prediction(String path, Answer answer) {

  /**
   * One class and how likely it is.
   *
   * @param index class index
   * @param name class name, or the index in words where the weights carry no names
   * @param probability softmax of the logits; of classes of pixels, their share of the picture
   */
  public record Candidate(int index, String name, double probability) {
    static Candidate of(List<ClassLabel> labels, int index, double probability) {
      return new Candidate(index, className(labels, index), probability);
    }
  }

  /** Name of a class, or the index in words where there are no names. */
  static String className(List<ClassLabel> labels, int index) {
    return index < labels.size() ? labels.get(index).name() : "class " + index;
  }

  /** Why the network was not asked; null if it was. */
  public String problem() {
    return answer instanceof Answer.Unreadable unreadable ? unreadable.problem() : null;
  }

  /**
   * The likeliest classes of a picture, best first, or those of its pixels, the most frequent
   * first; none for a picture that could not be read.
   *
   * @throws IllegalStateException if the network finds objects
   */
  public List<Candidate> candidates() {
    if (answer instanceof Answer.Classes classes) {
      return classes.candidates();
    }
    if (answer instanceof Answer.Labels labels) {
      return labels.shares();
    }
    if (answer instanceof Answer.Objects) {
      throw new IllegalStateException(path + ": the network finds objects; ask for objects()");
    }
    return List.of();
  }

  /**
   * What was found, the surest first; nothing in a picture that could not be read.
   *
   * @throws IllegalStateException if the network does not look for objects
   */
  public List<FoundObject> objects() {
    if (answer instanceof Answer.Objects objects) {
      return objects.found();
    }
    if (answer instanceof Answer.Unreadable) {
      return List.of();
    }
    throw new IllegalStateException(
        path + ": the network does not look for objects; ask for candidates()");
  }

  /**
   * The class of every pixel.
   *
   * @throws IllegalStateException if the network does not classify pixels, or the picture could not
   *     be read
   */
  public LabelMap labelMap() {
    if (answer instanceof Answer.Labels labels) {
      return labels.map();
    }
    throw new IllegalStateException(
        answer instanceof Answer.Unreadable unreadable
            ? "%s: unreadable: %s".formatted(path, unreadable.problem())
            : path + ": the network does not classify pixels; see answer()");
  }
}
