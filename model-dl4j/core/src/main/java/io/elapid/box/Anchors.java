package io.elapid.box;

import io.elapid.data.image.Size;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The anchors of a pyramid, finest level first. A list of anchors of several levels has all of the
 * first level before those of the second.
 */
public record Anchors(List<AnchorLevel> levels) {
  private static final List<Double> RATIOS = List.of(0.5, 1.0, 2.0);

  /** Copies the list. */
  public Anchors {
    levels = List.copyOf(levels);
  }

  /** RetinaNet's nine: a base of four strides, three scales an octave, three ratios. */
  public static Anchors retinaNet(List<Integer> strides) {
    List<Double> scales = IntStream.range(0, 3).mapToObj(k -> 4 * Math.pow(2, k / 3.0)).toList();
    return cornered(strides, scales);
  }

  /** The three of a region proposal network: eight strides, three ratios. */
  public static Anchors proposals(List<Integer> strides) {
    return cornered(strides, List.of(8.0));
  }

  private static Anchors cornered(List<Integer> strides, List<Double> scales) {
    return new Anchors(strides.stream().map(s -> AnchorLevel.cornered(s, scales, RATIOS)).toList());
  }

  /** SSD's six a level; the lists are as long as there are levels. */
  public static Anchors ssd(List<Integer> strides, List<Integer> least, List<Integer> most) {
    List<AnchorLevel> levels = new ArrayList<>();
    for (int i = 0; i < strides.size(); i++) {
      levels.add(AnchorLevel.ssd(strides.get(i), least.get(i), most.get(i), List.of(2, 3)));
    }
    return new Anchors(levels);
  }

  /** All anchors of maps of these sizes, one per level. */
  public Boxes grid(List<Size> maps) {
    List<Boxes> grids = new ArrayList<>();
    for (int l = 0; l < levels.size(); l++) {
      Size size = maps.get(l);
      grids.add(levels.get(l).grid(size.height(), size.width()));
    }
    return Boxes.concatenated(grids);
  }

  /**
   * Positions in {@link #grid} of the anchors whose cell a picture of that padded size reaches,
   * ascending.
   */
  public int[] valid(List<Size> maps, Size padded) {
    int[] indices = new int[count(maps)];
    int found = 0;
    int start = 0;
    for (int l = 0; l < levels.size(); l++) {
      AnchorLevel level = levels.get(l);
      Size size = maps.get(l);
      int columns = level.validColumns(padded.width(), size.width());
      for (int y = 0; y < level.validRows(padded.height(), size.height()); y++) {
        int row = start + y * size.width() * level.perCell();
        for (int i = 0; i < columns * level.perCell(); i++) {
          indices[found++] = row + i;
        }
      }
      start += size.width() * size.height() * level.perCell();
    }
    return Arrays.copyOf(indices, found);
  }

  /** Number of anchors of maps of these sizes. */
  public int count(List<Size> maps) {
    int count = 0;
    for (int l = 0; l < levels.size(); l++) {
      Size size = maps.get(l);
      count += size.width() * size.height() * levels.get(l).perCell();
    }
    return count;
  }
}
