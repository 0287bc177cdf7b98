package io.elapid.task.detection;

import io.elapid.box.Anchors;
import io.elapid.box.BoxCoder;
import io.elapid.box.Boxes;
import io.elapid.data.image.Size;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a dense head is to say, in the layout of its maps: filled picture by picture. Anchors are
 * counted through all levels.
 */
final class DenseTargets {
  /** Of one level: (batch, anchors, cells) and (batch, anchors, 4, cells). */
  record Level(float[] labels, float[] counted, float[] deltas, float[] positive, int cells) {}

  private final int perCell;
  private final BoxCoder coder;
  private final Boxes grid;
  private final List<Level> levels = new ArrayList<>();
  private final int[] starts;

  /**
   * Nothing wanted anywhere yet.
   *
   * @param nothing label of anchors that are told nothing
   * @param coder of boxes
   */
  DenseTargets(Anchors anchors, List<Size> maps, int batch, float nothing, BoxCoder coder) {
    this.coder = coder;
    this.perCell = anchors.levels().get(0).perCell();
    this.grid = anchors.grid(maps);
    this.starts = new int[maps.size() + 1];
    for (int l = 0; l < maps.size(); l++) {
      int cells = maps.get(l).width() * maps.get(l).height();
      starts[l + 1] = starts[l] + cells * perCell;
      int count = batch * perCell * cells;
      float[] labels = new float[count];
      Arrays.fill(labels, nothing);
      levels.add(
          new Level(labels, new float[count], new float[4 * count], new float[count], cells));
    }
  }

  /** All anchors. */
  Boxes grid() {
    return grid;
  }

  List<Level> levels() {
    return levels;
  }

  /** What an anchor is; it counts from now on. */
  void label(int image, int anchor, float label) {
    Level level = levels.get(level(anchor));
    int at = place(image, anchor);
    level.labels()[at] = label;
    level.counted()[at] = 1;
  }

  /** That an anchor is to point at a box. */
  void box(int image, int anchor, Boxes truths, int truth) {
    Level level = levels.get(level(anchor));
    int at = place(image, anchor);
    level.positive()[at] = 1;
    float[] delta = new float[4];
    coder.encode(grid, anchor, truths, truth, delta, 0);
    int cells = level.cells();
    int first = at / cells * 4 * cells + at % cells;
    for (int k = 0; k < delta.length; k++) {
      level.deltas()[first + k * cells] = delta[k];
    }
  }

  private int level(int anchor) {
    int level = 0;
    while (anchor >= starts[level + 1]) {
      level++;
    }
    return level;
  }

  private int place(int image, int anchor) {
    int level = level(anchor);
    int inLevel = anchor - starts[level];
    int cells = levels.get(level).cells();
    return (image * perCell + inLevel % perCell) * cells + inLevel / perCell;
  }
}
