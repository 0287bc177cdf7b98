package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The gradient of one channel; {@code scale x + shift} is what forward put into the activation. */
record BatchNormChannelGradient(
    ByteBuffer x,
    ByteBuffer dy,
    ChannelRows plane,
    float mean,
    float scale,
    float shift,
    boolean relu) {
  /** {@code {sum(g), sum(g (x - mean))}}. */
  double[] sums() {
    double[] total = new double[2];
    for (int b = 0; b < plane.batch(); b += plane.chunk()) {
      addSums(b, Math.min(plane.batch(), b + plane.chunk()), total);
    }
    return total;
  }

  private void addSums(int from, int to, double[] total) {
    FloatVector sum = Lanes.zero();
    FloatVector dot = Lanes.zero();
    int i = plane.row(from);
    int left = plane.registers();
    int gap = plane.gap();
    int k = plane.registers() * (to - from);
    while (k > 0) {
      if (left >= 2) {
        FloatVector v0 = Lanes.load(x, i);
        FloatVector v1 = Lanes.load(x, i + WIDTH);
        FloatVector g0 = opened(v0, Lanes.load(dy, i));
        FloatVector g1 = opened(v1, Lanes.load(dy, i + WIDTH));
        sum = sum.add(g0.add(g1));
        dot = g0.lanewise(VectorOperators.FMA, v0.sub(mean), dot);
        dot = g1.lanewise(VectorOperators.FMA, v1.sub(mean), dot);
        i += 2 * WIDTH;
        left -= 2;
        k -= 2;
      } else {
        FloatVector v = Lanes.load(x, i);
        FloatVector g = opened(v, Lanes.load(dy, i));
        sum = sum.add(g);
        dot = g.lanewise(VectorOperators.FMA, v.sub(mean), dot);
        i += WIDTH;
        left--;
        k--;
      }
      if (left == 0) {
        left = plane.registers();
        i += gap;
      }
    }
    total[0] += Lanes.sum(sum);
    total[1] += Lanes.sum(dot);
    for (int b = from; b < to; b++) {
      for (int j = plane.rest(b); j < plane.row(b) + plane.length(); j++) {
        float v = Lanes.get(x, j);
        float g = opened(v, Lanes.get(dy, j));
        total[0] += g;
        total[1] += (double) g * (v - mean);
      }
    }
  }

  /** {@code dx = scale g + slope (x - mean) + offset}. */
  void inputGradient(float slope, float offset, ByteBuffer dx) {
    for (int b = 0; b < plane.batch(); b++) {
      int i = plane.start() + b * plane.step();
      int end = i + plane.length();
      for (; i <= end - WIDTH; i += WIDTH) {
        FloatVector v = Lanes.load(x, i);
        FloatVector g = opened(v, Lanes.load(dy, i));
        FloatVector rest =
            v.sub(mean).lanewise(VectorOperators.FMA, Lanes.all(slope), Lanes.all(offset));
        Lanes.store(g.lanewise(VectorOperators.FMA, Lanes.all(scale), rest), dx, i);
      }
      for (; i < end; i++) {
        float v = Lanes.get(x, i);
        float g = opened(v, Lanes.get(dy, i));
        Lanes.put(dx, i, Math.fma(g, scale, Math.fma(v - mean, slope, offset)));
      }
    }
  }

  private FloatVector opened(FloatVector v, FloatVector g) {
    return relu
        ? Lanes.open(v.lanewise(VectorOperators.FMA, Lanes.all(scale), Lanes.all(shift)), g)
        : g;
  }

  private float opened(float v, float g) {
    return relu ? Lanes.open(Math.fma(v, scale, shift), g) : g;
  }
}
