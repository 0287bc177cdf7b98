package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.LossGroups;
import io.elapid.kernel.LossKernel.Result;
import io.elapid.kernel.LossKernel.Targets;
import io.elapid.kernel.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Softmax cross-entropy of some positions of a map: value by value along the positions, three times
 * over logits that stay in the second-nearest cache.
 */
final class SoftmaxBlock {
  /** Positions of a block. */
  static final int POSITIONS = 256;

  private final LossGroups groups;
  private final FloatBuffer logits;
  private final FloatBuffer slope;
  private final FloatBuffer labels;
  private final Optional<FloatBuffer> weights;
  private final int ignored;
  private final double divisor;
  private final float[] row = new float[POSITIONS];
  private final float[] max = new float[POSITIONS];
  private final float[] sum = new float[POSITIONS];
  private final float[] own = new float[POSITIONS];
  private final float[] label = new float[POSITIONS];
  private final float[] weight = new float[POSITIONS];

  SoftmaxBlock(Tensor logits, Targets targets, int ignored, Result result) {
    groups = LossGroups.of(logits, targets.values());
    this.logits = logits.bytes().asFloatBuffer();
    slope = result.slope().bytes().asFloatBuffer();
    labels = targets.values().bytes().asFloatBuffer();
    weights = targets.weights().map(w -> w.bytes().asFloatBuffer());
    this.ignored = ignored;
    divisor = result.divisor().at(0);
  }

  /** The summed loss of the positions from {@code start} on of a row of groups; writes slopes. */
  double run(int groupRow, int start) {
    int length = Math.min(POSITIONS, groups.positions() - start);
    int count = Lanes.roundUp(length);
    int at = groupRow * groups.values() * groups.positions() + start;
    load(groupRow * groups.positions() + start, length);
    Arrays.fill(row, 0);
    Arrays.fill(max, Float.NEGATIVE_INFINITY);
    for (int k = 0; k < groups.values(); k++) {
      logits.get(at + k * groups.positions(), row, 0, length);
      takeMax(k, count);
    }
    Arrays.fill(sum, 0);
    for (int k = 0; k < groups.values(); k++) {
      logits.get(at + k * groups.positions(), row, 0, length);
      exponentials(count);
      slope.put(at + k * groups.positions(), row, 0, length);
    }
    double loss = finish(length);
    for (int k = 0; k < groups.values(); k++) {
      slope.get(at + k * groups.positions(), row, 0, length);
      slopes(k, count);
      slope.put(at + k * groups.positions(), row, 0, length);
    }
    return loss;
  }

  private void load(int at, int length) {
    labels.get(at, label, 0, length);
    if (weights.isPresent()) {
      weights.get().get(at, weight, 0, length);
    } else {
      Arrays.fill(weight, 1);
    }
    for (int i = 0; i < length; i++) {
      if (label[i] == ignored) {
        weight[i] = 0;
      } else if (Float.isNaN(label[i])) {
        weight[i] = Float.NaN;
      }
    }
    Arrays.fill(weight, length, POSITIONS, 0);
    Arrays.fill(label, length, POSITIONS, -1);
  }

  private void takeMax(int value, int count) {
    for (int i = 0; i < count; i += WIDTH) {
      FloatVector x = FloatVector.fromArray(SPECIES, row, i);
      FloatVector.fromArray(SPECIES, max, i).max(x).intoArray(max, i);
      VectorMask<Float> here =
          FloatVector.fromArray(SPECIES, label, i).compare(VectorOperators.EQ, (float) value);
      FloatVector.fromArray(SPECIES, own, i).blend(x, here).intoArray(own, i);
    }
  }

  private void exponentials(int count) {
    for (int i = 0; i < count; i += WIDTH) {
      FloatVector x =
          FloatVector.fromArray(SPECIES, row, i).sub(FloatVector.fromArray(SPECIES, max, i));
      FloatVector e = Lanes.expOfNegative(x);
      e.intoArray(row, i);
      FloatVector.fromArray(SPECIES, sum, i).add(e).intoArray(sum, i);
    }
  }

  /** Adds up the losses, and turns weights into those of slopes and sums into their factors. */
  private double finish(int length) {
    double loss = 0;
    for (int i = 0; i < length; i++) {
      if (weight[i] != 0) {
        loss += weight[i] * (Math.log(sum[i]) + max[i] - own[i]);
      }
      weight[i] = (float) (weight[i] / divisor);
      sum[i] = weight[i] / sum[i];
    }
    return loss;
  }

  private void slopes(int value, int count) {
    for (int i = 0; i < count; i += WIDTH) {
      FloatVector w = FloatVector.fromArray(SPECIES, weight, i);
      VectorMask<Float> here =
          FloatVector.fromArray(SPECIES, label, i).compare(VectorOperators.EQ, (float) value);
      FloatVector p =
          FloatVector.fromArray(SPECIES, row, i).mul(FloatVector.fromArray(SPECIES, sum, i));
      p.blend(p.sub(w), here).blend(0f, w.compare(VectorOperators.EQ, 0f)).intoArray(row, i);
    }
  }
}
