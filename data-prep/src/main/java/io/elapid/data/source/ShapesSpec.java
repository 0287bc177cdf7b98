package io.elapid.data.source;

import io.elapid.data.InputException;
import java.util.List;

/**
 * How many generated pictures of what.
 *
 * @param trainImages pictures of the training split, spread evenly over the classes
 * @param valImages pictures of the validation split
 * @param classes the first so many of {@link #CLASS_NAMES}
 * @param size side of the square pictures in pixels
 * @param seed the same seed gives the same files, byte for byte
 */
public record ShapesSpec(int trainImages, int valImages, int classes, int size, long seed) {

  /** Names of all figures that can be drawn, in class order. */
  public static final List<String> CLASS_NAMES = Figure.ALL.stream().map(Figure::label).toList();

  public ShapesSpec {
    require("classes", classes, 2, CLASS_NAMES.size());
    require("size", size, 32, 1024);
    require("trainImages", trainImages, classes, 10_000_000);
    require("valImages", valImages, classes, 10_000_000);
  }

  static void require(String name, int value, int low, int high) {
    if (value < low || value > high) {
      throw new InputException(
          "shapes: " + name + " is " + value, "give a number from " + low + " to " + high);
    }
  }

  /** A made-up id in the form of a WordNet id; ids sort in class order. */
  static String wnid(int label) {
    return "n9000%04d".formatted(100 + 7 * label);
  }
}
