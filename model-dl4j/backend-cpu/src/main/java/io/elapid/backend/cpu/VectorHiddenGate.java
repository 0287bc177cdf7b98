package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.HiddenGateKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

final class VectorHiddenGate implements HiddenGateKernel {
  private final Workers workers;
  private final HiddenGateKernel reference;

  VectorHiddenGate(Workers workers, HiddenGateKernel reference) {
    this.workers = workers;
    this.reference = reference;
  }

  @Override
  public void forward(Tensor hz, Tensor d, Tensor y) {
    if (!Lanes.areFloat(hz)) {
      reference.forward(hz, d, y);
      return;
    }
    int half = y.sizeFrom(1);
    float skip = (float) d.at(0);
    workers.forEach(
        y.dim(0),
        half,
        (from, to) -> {
          for (int b = from; b < to; b++) {
            gate(hz.bytes(), 2 * b * half, half, skip, y.bytes(), b * half);
          }
        });
  }

  private static void gate(ByteBuffer hz, int h, int half, float skip, ByteBuffer y, int start) {
    int i = 0;
    for (; i <= half - WIDTH; i += WIDTH) {
      FloatVector z = Lanes.load(hz, h + half + i);
      FloatVector factor = z.lanewise(VectorOperators.FMA, Lanes.sigmoid(z), Lanes.all(skip));
      Lanes.store(Lanes.load(hz, h + i).mul(factor), y, start + i);
    }
    for (; i < half; i++) {
      float z = Lanes.get(hz, h + half + i);
      Lanes.put(y, start + i, Lanes.get(hz, h + i) * Math.fma(z, Lanes.sigmoid(z), skip));
    }
  }

  @Override
  public void gradient(Tensor dy, Tensor hz, Tensor d, Tensor dhz, Tensor dd) {
    if (!Lanes.areFloat(hz)) {
      reference.gradient(dy, hz, d, dhz, dd);
      return;
    }
    int batch = dy.dim(0);
    float skip = (float) d.at(0);
    double[] dots = new double[batch];
    workers.forEach(
        batch,
        dy.sizeFrom(1),
        (from, to) -> {
          for (int b = from; b < to; b++) {
            dots[b] = gateGradient(dy.bytes(), b, dy.sizeFrom(1), hz.bytes(), skip, dhz.bytes());
          }
        });
    double sum = 0;
    for (double dot : dots) {
      sum += dot;
    }
    dd.put(0, sum);
  }

  /** Writes the gradients of one sample; returns its {@code sum(dy h)}. */
  private static double gateGradient(
      ByteBuffer dy, int b, int half, ByteBuffer hz, float skip, ByteBuffer dhz) {
    int h = 2 * b * half;
    int z = h + half;
    FloatVector dots = Lanes.zero();
    int i = 0;
    for (; i <= half - WIDTH; i += WIDTH) {
      FloatVector g = Lanes.load(dy, b * half + i);
      FloatVector gh = g.mul(Lanes.load(hz, h + i));
      FloatVector zi = Lanes.load(hz, z + i);
      FloatVector s = Lanes.sigmoid(zi);
      FloatVector zs = zi.mul(s);
      Lanes.store(g.mul(zs.add(skip)), dhz, h + i);
      // silu' = s (1 + z (1 - s)) = s + zs - zs s
      Lanes.store(gh.mul(s.add(zs).sub(zs.mul(s))), dhz, z + i);
      dots = dots.add(gh);
    }
    float rest = 0;
    for (; i < half; i++) {
      float g = Lanes.get(dy, b * half + i);
      float gh = g * Lanes.get(hz, h + i);
      float zi = Lanes.get(hz, z + i);
      float s = Lanes.sigmoid(zi);
      float zs = zi * s;
      Lanes.put(dhz, h + i, g * (zs + skip));
      Lanes.put(dhz, z + i, gh * (s + zs - zs * s));
      rest += gh;
    }
    return Lanes.sum(dots) + (double) rest;
  }
}
