package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Leaves a dense head few of the many anchors that hold nothing: per level logits {@code (B, A K,
 * H, W)} and labels {@code (B, A, H, W)}, K - 1 for the background and -1 for what does not count,
 * to such labels. In each picture, the background stays only where its cross-entropy is largest, at
 * so many anchors as there are objects' times a ratio; of equal ones at the first (level, row,
 * column, anchor). Everywhere else it becomes -1. Has no gradient.
 */
public final class HardNegatives extends ElapidOp {
  private static final int NONE = -1;

  /** For SameDiff. */
  public HardNegatives() {}

  private HardNegatives(SameDiff graph, int levels, int ratio, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(levels, ratio);
  }

  /**
   * Adds the op.
   *
   * @param ratio of anchors without objects to those with
   * @return labels, level by level
   */
  public static List<SDVariable> apply(
      SameDiff graph, List<SDVariable> logits, List<SDVariable> labels, int ratio) {
    List<SDVariable> inputs = new ArrayList<>(logits);
    inputs.addAll(labels);
    return List.of(
        new HardNegatives(graph, logits.size(), ratio, inputs.toArray(SDVariable[]::new))
            .outputVariables());
  }

  @Override
  public String opName() {
    return "elapid_hard_negatives";
  }

  @Override
  public int getNumOutputs() {
    return attribute(0);
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    int levels = attribute(0);
    for (int l = 0; l < levels; l++) {
      long[] logits = inputs.get(l);
      long[] labels = inputs.get(levels + l);
      require(
          logits.length == 4
              && labels.length == 4
              && logits[0] == labels[0]
              && logits[1] % labels[1] == 0
              && logits[2] == labels[2]
              && logits[3] == labels[3],
          "logits %s and labels %s do not fit",
          shape(logits),
          shape(labels));
    }
    return inputs.subList(levels, 2 * levels);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    int levels = attribute(0);
    int ratio = attribute(1);
    List<Level> all = new ArrayList<>();
    for (int l = 0; l < levels; l++) {
      all.add(new Level(operands.in(l), operands.in(levels + l), operands.out(l)));
    }
    return () -> {
      kernels.settle();
      for (int image = 0; image < all.get(0).labels().dim(0); image++) {
        mine(all, image, ratio);
      }
    };
  }

  private static void mine(List<Level> levels, int image, int ratio) {
    int positives = 0;
    long[] losses = new long[levels.stream().mapToInt(Level::anchors).sum()];
    int negatives = 0;
    int first = 0;
    for (Level level : levels) {
      for (int i = 0; i < level.anchors(); i++) {
        int label = level.label(image, i);
        if (level.isBackground(label)) {
          // ascending: the largest loss first, then the first anchor
          long rank = (long) Integer.MAX_VALUE - Float.floatToIntBits(level.loss(image, i));
          losses[negatives++] = (rank << Integer.SIZE) | (first + i);
          level.put(image, i, NONE);
        } else {
          positives += label == NONE ? 0 : 1;
          level.put(image, i, label);
        }
      }
      first += level.anchors();
    }
    Arrays.sort(losses, 0, negatives);
    for (int k = 0; k < Math.min(negatives, ratio * positives); k++) {
      keep(levels, image, (int) losses[k]);
    }
  }

  private static void keep(List<Level> levels, int image, int anchor) {
    int inLevel = anchor;
    for (Level level : levels) {
      if (inLevel < level.anchors()) {
        level.put(image, inLevel, level.classes() - 1);
        return;
      }
      inLevel -= level.anchors();
    }
  }

  /** One level; anchors are counted row by row, cell by cell. */
  private record Level(Tensor logits, Tensor labels, Tensor kept) {
    int perCell() {
      return labels.dim(1);
    }

    int cells() {
      return labels.dim(2) * labels.dim(3);
    }

    int anchors() {
      return perCell() * cells();
    }

    int classes() {
      return logits.dim(1) / perCell();
    }

    private int place(int image, int anchor) {
      return image * anchors() + anchor % perCell() * cells() + anchor / perCell();
    }

    int label(int image, int anchor) {
      return (int) labels.at(place(image, anchor));
    }

    boolean isBackground(int label) {
      return label == classes() - 1;
    }

    void put(int image, int anchor, int label) {
      kept.put(place(image, anchor), label);
    }

    /** Cross-entropy of the background. */
    float loss(int image, int anchor) {
      int classes = classes();
      int at = (image * perCell() + anchor % perCell()) * classes * cells() + anchor / perCell();
      double most = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < classes; c++) {
        most = Math.max(most, logits.at(at + c * cells()));
      }
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        sum += Math.exp(logits.at(at + c * cells()) - most);
      }
      return (float) Math.max(0, Math.log(sum) + most - logits.at(at + (classes - 1) * cells()));
    }
  }

  /** Labels are not learnt. */
  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return List.of();
  }
}
