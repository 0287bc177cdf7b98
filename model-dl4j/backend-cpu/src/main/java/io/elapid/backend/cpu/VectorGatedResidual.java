package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.GatedResidualKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

final class VectorGatedResidual implements GatedResidualKernel {
  private final Workers workers;
  private final GatedResidualKernel reference;

  VectorGatedResidual(Workers workers, GatedResidualKernel reference) {
    this.workers = workers;
    this.reference = reference;
  }

  @Override
  public void forward(Tensor x, Tensor f, Tensor alpha, int row, Tensor y) {
    if (!Lanes.areFloat(x)) {
      reference.forward(x, f, alpha, row, y);
      return;
    }
    int channels = x.dim(1);
    int length = x.sizeFrom(2);
    workers.forEach(
        x.dim(0) * channels,
        length,
        (from, to) -> {
          for (int r = from; r < to; r++) {
            float gate = Lanes.sigmoid((float) alpha.at(row * channels + r % channels));
            mix(x.bytes(), f.bytes(), gate, y.bytes(), r * length, length);
          }
        });
  }

  private static void mix(
      ByteBuffer x, ByteBuffer f, float gate, ByteBuffer y, int start, int length) {
    float keep = 1 - gate;
    int i = start;
    for (; i <= start + length - WIDTH; i += WIDTH) {
      FloatVector kept = Lanes.load(x, i).mul(keep);
      Lanes.store(Lanes.load(f, i).lanewise(VectorOperators.FMA, Lanes.all(gate), kept), y, i);
    }
    for (; i < start + length; i++) {
      Lanes.put(y, i, Math.fma(Lanes.get(f, i), gate, Lanes.get(x, i) * keep));
    }
  }

  @Override
  public void gradient(Gradient a) {
    if (!Lanes.areFloat(a.x())) {
      reference.gradient(a);
      return;
    }
    int channels = a.x().dim(1);
    a.dalpha().fill(0);
    workers.forEach(
        channels,
        a.x().size() / channels,
        (from, to) -> {
          for (int c = from; c < to; c++) {
            float gate = Lanes.sigmoid((float) a.alpha().at(a.row() * channels + c));
            double dot = 0;
            for (int b = 0; b < a.x().dim(0); b++) {
              dot += split(a, gate, (b * channels + c) * a.x().sizeFrom(2));
            }
            a.dalpha().put(a.row() * channels + c, gate * (1 - gate) * dot);
          }
        });
  }

  /** Writes the gradients of one row of x and f; returns {@code sum(dy (f - x))} over it. */
  private static double split(Gradient a, float gate, int start) {
    ByteBuffer dy = a.dy().bytes();
    ByteBuffer x = a.x().bytes();
    ByteBuffer f = a.f().bytes();
    ByteBuffer dx = a.dx().bytes();
    ByteBuffer df = a.df().bytes();
    int end = start + a.x().sizeFrom(2);
    float keep = 1 - gate;
    FloatVector dot = Lanes.zero();
    int i = start;
    for (; i <= end - WIDTH; i += WIDTH) {
      FloatVector g = Lanes.load(dy, i);
      dot = g.lanewise(VectorOperators.FMA, Lanes.load(f, i).sub(Lanes.load(x, i)), dot);
      Lanes.store(g.mul(keep), dx, i);
      Lanes.store(g.mul(gate), df, i);
    }
    float rest = 0;
    for (; i < end; i++) {
      float g = Lanes.get(dy, i);
      Lanes.put(dx, i, g * keep);
      Lanes.put(df, i, g * gate);
      rest += g * (Lanes.get(f, i) - Lanes.get(x, i));
    }
    return Lanes.sum(dot) + (double) rest;
  }
}
