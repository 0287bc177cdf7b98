package io.elapid.backend.cuda;

import io.elapid.kernel.ElementType;
import io.elapid.kernel.LossGroups;
import io.elapid.kernel.LossKernel;
import io.elapid.kernel.Roi;
import io.elapid.kernel.RoiPooling;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** Heads, losses, the choice of boxes. */
final class LossChecks extends CheckGroup {
  LossChecks() {
    softmaxMix();
    distillation();
    crossEntropy();
    classSelect();
    denseLosses();
    roiAlign();
    suppression();
  }

  private void softmaxMix() {
    Filled filled = new Filled(21);
    Tensor weights = filled.tensor(-1, 1, 3);
    Tensor dy = filled.tensor(-1, 1, 7, 700);
    List<Tensor> logits = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      logits.add(filled.tensor(-1, 1, 7, 700));
    }
    add(
        "softmax mix",
        set -> {
          Tensor y = Filled.empty(7, 700);
          Tensor dweights = Filled.empty(3);
          List<Tensor> dlogits = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            dlogits.add(Filled.empty(7, 700));
          }
          set.softmaxMix().forward(weights, logits, y);
          set.softmaxMix().gradient(dy, weights, logits, dweights, dlogits);
          dlogits.addAll(List.of(y, dweights));
          return dlogits;
        });
  }

  private void distillation() {
    Filled filled = new Filled(22);
    Tensor logits = filled.tensor(-4, 4, 5, 101);
    Tensor teacher = filled.tensor(-4, 4, 5, 101);
    add(
        "distillation",
        set -> {
          Tensor loss = Filled.empty(1);
          Tensor slope = Filled.empty(5, 101);
          set.distillation().forward(logits, teacher, 1.5, 0.3, loss, slope);
          return List.of(loss, slope);
        });
  }

  private void crossEntropy() {
    Filled filled = new Filled(7);
    Tensor logits = filled.tensor(-4, 4, 5, 101);
    Tensor targets = filled.tensor(0, 0.1, 5, 101);
    Tensor dloss = filled.tensor(1, 2, 1);
    add(
        "cross entropy",
        set -> {
          Tensor loss = Filled.empty(1);
          Tensor probabilities = Filled.empty(5, 101);
          Tensor dlogits = Filled.empty(5, 101);
          set.crossEntropy().forward(logits, targets, loss, probabilities);
          set.crossEntropy().gradient(dloss, targets, probabilities, dlogits);
          return List.of(loss, probabilities, dlogits);
        });
  }

  /** Labels, one behind the other from the beginning again and again. */
  private static Tensor labels(double[] numbers, long... shape) {
    Tensor labels = Tensor.zeros(ElementType.FLOAT, shape);
    for (int i = 0; i < labels.size(); i++) {
      labels.put(i, numbers[i % numbers.length]);
    }
    return labels;
  }

  private void classSelect() {
    Filled filled = new Filled(24);
    Tensor x = filled.tensor(-1, 1, 7, 12, 3, 5);
    Tensor labels = labels(new double[] {0, 3, -1, 4, 2}, 7);
    Tensor dy = filled.tensor(-1, 1, 7, 3, 3, 5);
    add(
        "class select",
        set -> {
          Tensor y = Filled.empty(7, 3, 3, 5);
          Tensor dx = Filled.empty(7, 12, 3, 5);
          set.classSelect().forward(x, labels, y);
          set.classSelect().gradient(dy, labels, dx);
          return List.of(y, dx);
        });
  }

  /** Weights of which every seventh is 0, where predictions and targets are NaN. */
  private void denseLosses() {
    for (long[] shape : new long[][] {{2, 3 * 5, 9, 11}, {70, 5}, {3, 40, 9, 11}}) {
      Filled filled = new Filled(25);
      int values = shape[1] % 3 == 0 ? 5 : (int) shape[1];
      long[] groups = shape.clone();
      groups[1] = shape[1] / values;
      Tensor x = filled.tensor(-6, 6, shape);
      Tensor targets = filled.tensor(0, 1, shape);
      Tensor labels = labels(new double[] {0, values - 1.0, -1, 1, 2}, groups);
      Tensor weights = filled.tensor(0.5, 1.5, groups);
      LossGroups cut = LossGroups.of(x, weights);
      for (int group = 0; group < weights.size(); group += 7) {
        weights.put(group, 0);
        labels.put(group, Double.NaN);
        for (int k = 0; k < values; k++) {
          x.put(cut.element(group, k), Double.NaN);
          targets.put(cut.element(group, k), Double.NaN);
        }
      }
      Tensor divisor = filled.tensor(2, 3, 1);
      add(
          "losses of " + x,
          set -> {
            LossKernel kernel = set.losses();
            List<Tensor> all = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
              // the slope in the predictions' place
              all.addAll(List.of(Filled.empty(1), copy(x)));
            }
            LossKernel.Targets perGroup = new LossKernel.Targets(labels, Optional.of(weights));
            LossKernel.Targets perValue = new LossKernel.Targets(targets, Optional.of(weights));
            kernel.focal(all.get(1), perGroup, 0.25, 2, result(divisor, all, 0));
            kernel.focal(all.get(3), perGroup, 0.25, 1.5, result(divisor, all, 2));
            kernel.smoothL1(all.get(5), perValue, 0.5, result(divisor, all, 4));
            kernel.binaryCrossEntropy(all.get(7), perValue, result(divisor, all, 6));
            kernel.crossEntropy(all.get(9), perGroup, -1, result(divisor, all, 8));
            kernel.gradient(divisor, all.get(9), all.get(9));
            return all;
          });
    }
  }

  private static LossKernel.Result result(Tensor divisor, List<Tensor> all, int at) {
    return new LossKernel.Result(divisor, all.get(at), all.get(at + 1));
  }

  private void roiAlign() {
    Filled filled = new Filled(10);
    List<Tensor> levels =
        List.of(filled.tensor(-1, 1, 2, 5, 24, 31), filled.tensor(-1, 1, 2, 5, 12, 16));
    Tensor rois = filled.tensor(0, 1, 7, Roi.NUMBERS);
    double[][] regions = {
      {0, 3, 5, 40, 30},
      {1, -20, 10, 90, 95},
      {-1, 0, 0, 0, 0},
      {1, 60, 60, 62, 61},
      {0, 0.5, 0.25, 9, 9.5},
      {1, 200, 200, 240, 260},
      {0, 0, 0, 124, 96}
    };
    for (int row = 0; row < regions.length; row++) {
      for (int i = 0; i < Roi.NUMBERS; i++) {
        rois.put(row * Roi.NUMBERS + i, regions[row][i]);
      }
    }
    RoiPooling pooling = new RoiPooling(7, 6, 0, RoiPooling.Alignment.ALIGNED, 4, 20);
    Tensor dy = filled.tensor(-1, 1, 7, 5, 7, 6);
    add(
        "RoIAlign",
        set -> {
          Tensor y = Filled.empty(7, 5, 7, 6);
          List<Tensor> dlevels = List.of(Filled.empty(2, 5, 24, 31), Filled.empty(2, 5, 12, 16));
          set.roiAlign().forward(levels, rois, pooling, y);
          set.roiAlign().gradient(dy, rois, pooling, dlevels);
          return List.of(y, dlevels.get(0), dlevels.get(1));
        });
  }

  private void suppression() {
    for (int count : new int[] {1, 64, 300}) {
      Filled filled = new Filled(11);
      Tensor centres = filled.tensor(0, 40, 2, count);
      Tensor sides = filled.tensor(4, 24, 2, count);
      float[] boxes = new float[4 * count];
      int[] kinds = new int[count];
      for (int i = 0; i < boxes.length; i++) {
        int axis = i % 2 * count + i / 4;
        boxes[i] = (float) (centres.at(axis) + (i % 4 < 2 ? -0.5 : 0.5) * sides.at(axis));
        kinds[i / 4] = 3 * (i / 4) / count;
      }
      boxes[count / 2] = Float.NaN;
      add(
          "suppression of " + count,
          set -> {
            Tensor kept = Filled.empty(count);
            BitSet found = set.suppression().keep(boxes, kinds, 0.3, count);
            for (int i = 0; i < count; i++) {
              kept.put(i, found.get(i) ? 1 : 0);
            }
            return List.of(kept);
          });
    }
  }
}
