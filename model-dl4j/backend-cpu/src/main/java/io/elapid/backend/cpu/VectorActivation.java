package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ActivationKernel;
import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Elementwise, in blocks of whole registers; what is left over at the end is padded to one. */
final class VectorActivation implements ActivationKernel {
  private static final float HALF_SQRT = 0.70710677f;
  private static final float DENSITY = 0.3989423f;

  /** Values whose intermediate results are kept in the cache. */
  private static final int BLOCK = 1024;

  private final Workers workers;
  private final ActivationKernel reference;

  VectorActivation(Workers workers, ActivationKernel reference) {
    this.workers = workers;
    this.reference = reference;
  }

  @Override
  public void forward(ActivationKind kind, Tensor x, Tensor y) {
    if (!Lanes.areFloat(x)) {
      reference.forward(kind, x, y);
      return;
    }
    int blocks = x.size() / WIDTH;
    workers.forEach(
        blocks, WIDTH, (from, to) -> apply(kind, x.bytes(), y.bytes(), from * WIDTH, to * WIDTH));
    if (blocks * WIDTH < x.size()) {
      Padded in = Padded.of(x, blocks * WIDTH);
      Padded out = Padded.of(y, blocks * WIDTH);
      apply(kind, in.memory, out.memory, 0, WIDTH);
      out.copyTo(y);
    }
  }

  @Override
  public void gradient(ActivationKind kind, Tensor dy, Tensor saved, Tensor dx) {
    if (!Lanes.areFloat(dy)) {
      reference.gradient(kind, dy, saved, dx);
      return;
    }
    int blocks = dy.size() / WIDTH;
    workers.forEach(
        blocks,
        WIDTH,
        (from, to) ->
            derive(kind, dy.bytes(), saved.bytes(), dx.bytes(), from * WIDTH, to * WIDTH));
    if (blocks * WIDTH < dy.size()) {
      Padded g = Padded.of(dy, blocks * WIDTH);
      Padded s = Padded.of(saved, blocks * WIDTH);
      derive(kind, g.memory, s.memory, g.memory, 0, WIDTH);
      g.copyTo(dx);
    }
  }

  // One small method for each loop: the compiler gives up on inlining vector operations in large
  // ones.

  private static void apply(ActivationKind kind, ByteBuffer x, ByteBuffer y, int from, int to) {
    switch (kind) {
      case IDENTITY -> copy(x, y, from, to);
      case RELU -> relu(x, y, from, to);
      case SIGMOID -> sigmoid(x, y, from, to);
      case SILU -> silu(x, y, from, to);
      case GELU -> gelu(x, y, from, to);
    }
  }

  private static void copy(ByteBuffer x, ByteBuffer y, int from, int to) {
    for (int i = from; i < to; i += WIDTH) {
      Lanes.store(Lanes.load(x, i), y, i);
    }
  }

  private static void relu(ByteBuffer x, ByteBuffer y, int from, int to) {
    for (int i = from; i < to; i += WIDTH) {
      Lanes.store(Lanes.relu(Lanes.load(x, i)), y, i);
    }
  }

  private static void sigmoid(ByteBuffer x, ByteBuffer y, int from, int to) {
    for (int i = from; i < to; i += WIDTH) {
      Lanes.store(Lanes.sigmoid(Lanes.load(x, i)), y, i);
    }
  }

  private static void silu(ByteBuffer x, ByteBuffer y, int from, int to) {
    for (int i = from; i < to; i += WIDTH) {
      FloatVector v = Lanes.load(x, i);
      Lanes.store(v.mul(Lanes.sigmoid(v)), y, i);
    }
  }

  private static void gelu(ByteBuffer x, ByteBuffer y, int from, int to) {
    for (int i = from; i < to; i += WIDTH) {
      FloatVector v = Lanes.load(x, i);
      Lanes.store(v.mul(normalCdf(v)), y, i);
    }
  }

  private static void derive(
      ActivationKind kind, ByteBuffer dy, ByteBuffer saved, ByteBuffer dx, int from, int to) {
    switch (kind) {
      case IDENTITY -> copy(dy, dx, from, to);
      case RELU -> reluGradient(dy, saved, dx, from, to);
      case SIGMOID -> sigmoidGradient(dy, saved, dx, from, to);
      case SILU -> siluGradient(dy, saved, dx, from, to);
      case GELU -> geluGradient(dy, saved, dx, from, to);
    }
  }

  private static void reluGradient(ByteBuffer dy, ByteBuffer y, ByteBuffer dx, int from, int to) {
    for (int i = from; i < to; i += WIDTH) {
      Lanes.store(Lanes.open(Lanes.load(y, i), Lanes.load(dy, i)), dx, i);
    }
  }

  private static void sigmoidGradient(
      ByteBuffer dy, ByteBuffer y, ByteBuffer dx, int from, int to) {
    for (int i = from; i < to; i += WIDTH) {
      FloatVector s = Lanes.load(y, i);
      Lanes.store(Lanes.load(dy, i).mul(s.sub(s.mul(s))), dx, i);
    }
  }

  /** {@code silu' = s (1 + x (1 - s)) = s + xs - xs s}. */
  private static void siluGradient(ByteBuffer dy, ByteBuffer x, ByteBuffer dx, int from, int to) {
    for (int i = from; i < to; i += WIDTH) {
      FloatVector v = Lanes.load(x, i);
      FloatVector s = Lanes.sigmoid(v);
      FloatVector xs = v.mul(s);
      Lanes.store(Lanes.load(dy, i).mul(s.add(xs).sub(xs.mul(s))), dx, i);
    }
  }

  /**
   * {@code gelu' = Phi + x phi}, the second term first, a block at a time: both in one loop are
   * more than the compiler takes, which then leaves vectors on the heap.
   */
  private static void geluGradient(ByteBuffer dy, ByteBuffer x, ByteBuffer dx, int from, int to) {
    float[] slopes = new float[Math.min(BLOCK, to - from)];
    for (int start = from; start < to; start += BLOCK) {
      int length = Math.min(BLOCK, to - start);
      densities(x, start, length, slopes);
      geluGradient(dy, x, slopes, dx, start, length);
    }
  }

  /** {@code x phi(x)}, phi being the normal distribution's density. */
  private static void densities(ByteBuffer x, int start, int length, float[] slopes) {
    FloatVector minusHalf = Lanes.all(-0.5f);
    FloatVector factor = Lanes.all(DENSITY);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = Lanes.load(x, start + i);
      FloatVector power = Lanes.expOfNegative(v.mul(v).mul(minusHalf));
      power.mul(v.mul(factor)).intoArray(slopes, i);
    }
  }

  private static void geluGradient(
      ByteBuffer dy, ByteBuffer x, float[] slopes, ByteBuffer dx, int start, int length) {
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector derivative =
          normalCdf(Lanes.load(x, start + i)).add(FloatVector.fromArray(SPECIES, slopes, i));
      Lanes.store(Lanes.load(dy, start + i).mul(derivative), dx, start + i);
    }
  }

  /**
   * {@code Phi(x) = (1 + erf(x / sqrt 2)) / 2}, by a rational approximation of erf on [-4, 4] good
   * to 1e-7.
   */
  static FloatVector normalCdf(FloatVector x) {
    FloatVector z = x.mul(HALF_SQRT).max(-4f).min(4f);
    FloatVector z2 = z.mul(z);
    FloatVector p =
        z2.lanewise(VectorOperators.FMA, Lanes.all(-2.7261424e-10f), Lanes.all(2.7706815e-8f));
    p = p.lanewise(VectorOperators.FMA, z2, Lanes.all(-2.101024e-6f));
    p = p.lanewise(VectorOperators.FMA, z2, Lanes.all(-5.6925062e-5f));
    p = p.lanewise(VectorOperators.FMA, z2, Lanes.all(-0.00073499064f));
    p = p.lanewise(VectorOperators.FMA, z2, Lanes.all(-0.0029546f));
    p = p.lanewise(VectorOperators.FMA, z2, Lanes.all(-0.016096033f));
    FloatVector q =
        z2.lanewise(VectorOperators.FMA, Lanes.all(-1.45660715e-5f), Lanes.all(-0.00021337405f));
    q = q.lanewise(VectorOperators.FMA, z2, Lanes.all(-0.001682827f));
    q = q.lanewise(VectorOperators.FMA, z2, Lanes.all(-0.0073733293f));
    q = q.lanewise(VectorOperators.FMA, z2, Lanes.all(-0.014264739f));
    return z.mul(p).div(q).lanewise(VectorOperators.FMA, Lanes.all(0.5f), Lanes.all(0.5f));
  }

  /** The elements of a tensor from {@code start} on, in one register's worth of memory. */
  private record Padded(ByteBuffer memory, int start) {
    static Padded of(Tensor tensor, int start) {
      Tensor block = Tensor.zeros(ElementType.FLOAT, WIDTH);
      for (int i = start; i < tensor.size(); i++) {
        Lanes.put(block.bytes(), i - start, Lanes.get(tensor.bytes(), i));
      }
      return new Padded(block.bytes(), start);
    }

    void copyTo(Tensor tensor) {
      for (int i = start; i < tensor.size(); i++) {
        Lanes.put(tensor.bytes(), i, Lanes.get(memory, i - start));
      }
    }
  }
}
