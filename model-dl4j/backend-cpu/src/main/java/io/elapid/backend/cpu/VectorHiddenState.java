package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ElementType;
import io.elapid.kernel.HiddenStateKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Sample by sample: the softmax of the state's rows, then matrix products with {@code w * b}. */
final class VectorHiddenState implements HiddenStateKernel {
  private final Workers workers;
  private final HiddenStateKernel reference;
  private Tensor weighted = Tensor.zeros(ElementType.FLOAT, 0);
  private Tensor products = Tensor.zeros(ElementType.FLOAT, 0);

  VectorHiddenState(Workers workers, HiddenStateKernel reference) {
    this.workers = workers;
    this.reference = reference;
  }

  private static Tensor atLeast(Tensor scratch, int size) {
    return scratch.size() >= size ? scratch : Tensor.zeros(ElementType.FLOAT, size);
  }

  @Override
  public void forward(Tensor x, Tensor b, Tensor dt, Tensor a, Tensor h, Tensor w) {
    if (!Lanes.areFloat(x)) {
      reference.forward(x, b, dt, a, h, w);
      return;
    }
    weighted = atLeast(weighted, b.size());
    ByteBuffer wb = weighted.bytes();
    int channels = x.dim(1);
    int states = b.dim(1);
    int length = b.dim(2);
    workers.forEach(
        x.dim(0),
        (long) channels * states * length,
        (from, to) -> {
          for (int s = from; s < to; s++) {
            int start = s * states * length;
            for (int n = 0; n < states; n++) {
              softmax(dt.bytes(), start + n * length, length, Lanes.get(a.bytes(), n), w.bytes());
            }
            product(w.bytes(), b.bytes(), wb, start, states * length);
            for (int c = s * channels; c < (s + 1) * channels; c++) {
              Matrices.dots(
                  x.bytes(), c * length, wb, start, length, h.bytes(), c * states, 0, states);
            }
          }
        });
  }

  private static void softmax(ByteBuffer dt, int start, int length, float shift, ByteBuffer w) {
    int end = start + length;
    float max = Float.NEGATIVE_INFINITY;
    for (int i = start; i < end; i++) {
      max = Math.max(max, Lanes.get(dt, i) + shift);
    }
    FloatVector sums = Lanes.zero();
    int i = start;
    for (; i <= end - WIDTH; i += WIDTH) {
      FloatVector e = Lanes.expOfNegative(Lanes.load(dt, i).add(shift).sub(max));
      Lanes.store(e, w, i);
      sums = sums.add(e);
    }
    float sum = Lanes.sum(sums);
    for (; i < end; i++) {
      float e = (float) Math.exp(Lanes.get(dt, i) + shift - max);
      Lanes.put(w, i, e);
      sum += e;
    }
    scale(w, start, length, 1 / sum);
  }

  private static void scale(ByteBuffer w, int start, int length, float factor) {
    int i = start;
    for (; i <= start + length - WIDTH; i += WIDTH) {
      Lanes.store(Lanes.load(w, i).mul(factor), w, i);
    }
    for (; i < start + length; i++) {
      Lanes.put(w, i, Lanes.get(w, i) * factor);
    }
  }

  private static void product(ByteBuffer a, ByteBuffer b, ByteBuffer out, int start, int length) {
    int i = start;
    for (; i <= start + length - WIDTH; i += WIDTH) {
      Lanes.store(Lanes.load(a, i).mul(Lanes.load(b, i)), out, i);
    }
    for (; i < start + length; i++) {
      Lanes.put(out, i, Lanes.get(a, i) * Lanes.get(b, i));
    }
  }

  @Override
  public void gradient(Gradient a) {
    if (!Lanes.areFloat(a.x())) {
      reference.gradient(a);
      return;
    }
    weighted = atLeast(weighted, a.b().size());
    products = atLeast(products, a.b().size());
    int states = a.b().dim(1);
    int batch = a.x().dim(0);
    double[] da = new double[batch * states];
    workers.forEach(
        batch,
        (long) a.x().sizeFrom(1) * states,
        (from, to) -> {
          for (int s = from; s < to; s++) {
            sampleGradient(a, s, da);
          }
        });
    for (int n = 0; n < states; n++) {
      double sum = 0;
      for (int s = 0; s < batch; s++) {
        sum += da[s * states + n];
      }
      a.da().put(n, sum);
    }
  }

  private void sampleGradient(Gradient a, int s, double[] da) {
    int channels = a.x().dim(1);
    int states = a.b().dim(1);
    int length = a.b().dim(2);
    int start = s * states * length;
    int xStart = s * channels * length;
    ByteBuffer dh = a.dh().bytes();
    ByteBuffer wb = weighted.bytes();
    ByteBuffer q = products.bytes();
    product(a.w().bytes(), a.b().bytes(), wb, start, states * length);
    Matrices.Strided byChannel = new Matrices.Strided(dh, s * channels * states, states, 1);
    Matrices.multiply(byChannel, 0, channels, states, wb, start, a.dx().bytes(), xStart, length);
    Matrices.Strided byState = new Matrices.Strided(dh, s * channels * states, 1, states);
    Matrices.multiply(byState, 0, states, channels, a.x().bytes(), xStart, q, start, length);
    product(q, a.w().bytes(), a.db().bytes(), start, states * length);
    for (int n = 0; n < states; n++) {
      da[s * states + n] = softmaxGradient(a, q, wb, start + n * length, length);
    }
  }

  /** {@code ddt = wb q - w sum(wb q)} for one row; returns its sum. */
  private static double softmaxGradient(
      Gradient a, ByteBuffer q, ByteBuffer wb, int start, int length) {
    ByteBuffer w = a.w().bytes();
    ByteBuffer ddt = a.ddt().bytes();
    int end = start + length;
    FloatVector dots = Lanes.zero();
    int i = start;
    for (; i <= end - WIDTH; i += WIDTH) {
      dots = Lanes.load(wb, i).lanewise(VectorOperators.FMA, Lanes.load(q, i), dots);
    }
    float dot = Lanes.sum(dots);
    for (; i < end; i++) {
      dot += Lanes.get(wb, i) * Lanes.get(q, i);
    }
    FloatVector sums = Lanes.zero();
    i = start;
    for (; i <= end - WIDTH; i += WIDTH) {
      FloatVector g = Lanes.load(wb, i).mul(Lanes.load(q, i));
      g = Lanes.load(w, i).lanewise(VectorOperators.FMA, Lanes.all(-dot), g);
      Lanes.store(g, ddt, i);
      sums = sums.add(g);
    }
    float sum = Lanes.sum(sums);
    for (; i < end; i++) {
      float g = Math.fma(Lanes.get(w, i), -dot, Lanes.get(wb, i) * Lanes.get(q, i));
      Lanes.put(ddt, i, g);
      sum += g;
    }
    return sum;
  }
}
