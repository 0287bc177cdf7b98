package io.elapid.data.source;

import io.elapid.data.SplitMix;
import java.util.List;

/**
 * How many generated pictures of several shapes.
 *
 * @param trainImages pictures of the training split
 * @param valImages pictures of the validation split
 * @param classes the first so many of {@link ShapesSpec#CLASS_NAMES}; the fewer, the easier
 * @param size side of the square pictures in pixels
 * @param seed the same seed gives the same files, byte for byte
 */
public record SceneSpec(int trainImages, int valImages, int classes, int size, long seed) {
  public SceneSpec {
    ShapesSpec.require("classes", classes, 2, Figure.ALL.size());
    ShapesSpec.require("size", size, 64, 1024);
    ShapesSpec.require("trainImages", trainImages, 1, 1_000_000);
    ShapesSpec.require("valImages", valImages, 1, 1_000_000);
  }

  int images() {
    return trainImages + valImages;
  }

  /** Names in class order. */
  List<String> names() {
    return ShapesSpec.CLASS_NAMES.subList(0, classes);
  }

  /** Which picture of which split the one at a place among all is. */
  Place place(int picture) {
    boolean train = picture < trainImages;
    return new Place(train, train ? picture : picture - trainImages);
  }

  /**
   * A picture's place.
   *
   * @param train whether it is trained on
   * @param index in its split
   */
  record Place(boolean train, int index) {}

  /** What all of a picture follows from. */
  long seed(Place place) {
    return SplitMix.derive(seed, place.train() ? 2 : 3, place.index());
  }
}
