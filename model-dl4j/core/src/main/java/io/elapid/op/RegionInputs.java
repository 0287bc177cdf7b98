package io.elapid.op;

import io.elapid.box.Anchors;
import io.elapid.box.Boxes;
import io.elapid.box.DenseLevel;
import io.elapid.box.PictureFrame;
import io.elapid.box.ScoreRules;
import io.elapid.data.image.Size;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.NonMaxSuppression;
import io.elapid.kernel.Roi;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** How the operations of a second stage read what is given to them and write regions. */
final class RegionInputs {
  private static final int QUARTER = 16;

  private RegionInputs() {}

  /**
   * The proposals of a first stage, whose logits and then deltas are the first operands.
   *
   * @param rules that choose them
   */
  record FirstStage(
      ScoreRules rules,
      NonMaxSuppression suppression,
      Anchors anchors,
      List<Tensor> logits,
      List<Tensor> deltas) {
    /** Of levels whose strides double. */
    static FirstStage of(
        Operands operands, int levels, int finestStride, ScoreRules rules, KernelSet kernels) {
      return new FirstStage(
          rules,
          new NonMaxSuppression(kernels.suppression()),
          Anchors.proposals(IntStream.range(0, levels).mapToObj(l -> finestStride << l).toList()),
          operands.ins(0, levels),
          operands.ins(levels, 2 * levels));
    }

    /** Those of one picture, by falling score. */
    Boxes proposals(Tensor pictures, int image) {
      return rules.proposals(levels(image), picture(pictures, image), suppression).boxes();
    }

    private List<DenseLevel> levels(int image) {
      List<DenseLevel> levels = new ArrayList<>();
      for (int l = 0; l < logits.size(); l++) {
        Tensor map = logits.get(l);
        levels.add(
            new DenseLevel(
                anchors.levels().get(l),
                new Size(map.dim(3), map.dim(2)),
                1,
                part(map, image),
                part(deltas.get(l), image)));
      }
      return levels;
    }
  }

  /** The elements of one entry of the first dimension. */
  private static float[] part(Tensor all, int index) {
    int length = all.sizeFrom(1);
    return slice(all, index * length, length);
  }

  static float[] slice(Tensor all, int start, int length) {
    float[] slice = new float[length];
    for (int i = 0; i < length; i++) {
      slice[i] = (float) all.at(start + i);
    }
    return slice;
  }

  static PictureFrame picture(Tensor pictures, int image) {
    int at = image * RegionTargets.PICTURE;
    return new PictureFrame((float) pictures.at(at), (float) pictures.at(at + 1), 1, 1);
  }

  /** The seed of a picture, of which every quarter is a whole number below 65,536. */
  static long seed(Tensor pictures, int image) {
    long seed = 0;
    for (int i = 0; i < Long.SIZE / QUARTER; i++) {
      seed = (seed << QUARTER) | (long) pictures.at(image * RegionTargets.PICTURE + 2 + i);
    }
    return seed;
  }

  /** Writes a region; the list is of (R, 5). */
  static void put(Tensor rois, int row, int image, Boxes boxes, int index) {
    int at = row * Roi.NUMBERS;
    rois.put(at, image);
    rois.put(at + 1, boxes.left(index));
    rois.put(at + 2, boxes.top(index));
    rois.put(at + 3, boxes.right(index));
    rois.put(at + 4, boxes.bottom(index));
  }

  /** Writes a region that only fills the list up. */
  static void pad(Tensor rois, int row) {
    int at = row * Roi.NUMBERS;
    rois.put(at, -1);
    for (int i = 1; i < Roi.NUMBERS; i++) {
      rois.put(at + i, 0);
    }
  }
}
