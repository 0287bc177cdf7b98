package io.elapid.observe;

import java.util.List;
import java.util.Map;

/**
 * What there is to see of a data set.
 *
 * @param title of the page
 * @param subtitle where it lies
 * @param facts by name, in order
 * @param counted what the bars count, for example "pictures"
 * @param bars of classes
 * @param sizes of pictures in pixels, a sample where there are many
 * @param pictures in the order in which they are stored
 * @param transforms what was done to the pictures, one each
 */
public record DatasetReport(
    String title,
    String subtitle,
    Map<String, String> facts,
    String counted,
    List<Bar> bars,
    List<int[]> sizes,
    List<Shown> pictures,
    List<String> transforms) {

  /**
   * How often a class occurs.
   *
   * @param color of it in the pictures, red << 16 | green << 8 | blue
   */
  public record Bar(String name, long count, int color) {}

  /**
   * One picture.
   *
   * @param painted with what is to be learnt from it
   * @param augmented the same after the transforms, with different draws
   * @param classes that are in it, in words
   * @param key what the colours of a label map stand for, and how many pixels have them; else empty
   */
  public record Shown(
      String id,
      String classes,
      List<Bar> key,
      String size,
      Thumbnail painted,
      List<Thumbnail> augmented) {
    public Shown {
      key = List.copyOf(key);
      augmented = List.copyOf(augmented);
    }
  }

  public DatasetReport {
    bars = List.copyOf(bars);
    sizes = List.copyOf(sizes);
    pictures = List.copyOf(pictures);
    transforms = List.copyOf(transforms);
  }
}
