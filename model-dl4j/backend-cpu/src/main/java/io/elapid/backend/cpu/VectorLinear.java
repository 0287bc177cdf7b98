package io.elapid.backend.cpu;

import io.elapid.kernel.LinearKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;

/** A few outputs of all samples at a time, whose weights stay in the nearest cache. */
final class VectorLinear implements LinearKernel {
  private static final int OUTPUTS = 8;

  private final Workers workers;
  private final LinearKernel reference;

  VectorLinear(Workers workers, LinearKernel reference) {
    this.workers = workers;
    this.reference = reference;
  }

  @Override
  public void forward(Tensor x, Tensor w, Tensor bias, Tensor y) {
    if (!Lanes.areFloat(x)) {
      reference.forward(x, w, bias, y);
      return;
    }
    int in = w.dim(1);
    int out = w.dim(0);
    int batch = x.dim(0);
    workers.forEach(
        (out + OUTPUTS - 1) / OUTPUTS,
        (long) in * OUTPUTS * batch,
        (from, to) -> {
          for (int o = from * OUTPUTS; o < Math.min(out, to * OUTPUTS); o += OUTPUTS) {
            int end = Math.min(out, o + OUTPUTS);
            for (int b = 0; b < batch; b++) {
              Matrices.dots(x.bytes(), b * in, w.bytes(), 0, in, y.bytes(), b * out, o, end);
              addBias(bias.bytes(), o, end, y.bytes(), b * out);
            }
          }
        });
  }

  private static void addBias(ByteBuffer bias, int from, int to, ByteBuffer y, int start) {
    for (int o = from; o < to; o++) {
      Lanes.put(y, start + o, Lanes.get(y, start + o) + Lanes.get(bias, o));
    }
  }

  @Override
  public void gradient(Tensor dy, Tensor x, Tensor w, Tensor dx, Tensor dw, Tensor dbias) {
    if (!Lanes.areFloat(x)) {
      reference.gradient(dy, x, w, dx, dw, dbias);
      return;
    }
    int in = w.dim(1);
    int out = w.dim(0);
    int batch = x.dim(0);
    Matrices.Strided bySample = new Matrices.Strided(dy.bytes(), 0, out, 1);
    workers.forEach(
        batch,
        (long) in * out,
        (from, to) -> Matrices.multiply(bySample, from, to, out, w.bytes(), 0, dx.bytes(), 0, in));
    Matrices.Strided byOutput = new Matrices.Strided(dy.bytes(), 0, 1, out);
    workers.forEach(
        out,
        (long) in * batch,
        (from, to) ->
            Matrices.multiply(byOutput, from, to, batch, x.bytes(), 0, dw.bytes(), 0, in));
    for (int o = 0; o < out; o++) {
      float sum = 0;
      for (int b = 0; b < batch; b++) {
        sum += byOutput.at(o, b);
      }
      Lanes.put(dbias.bytes(), o, sum);
    }
  }
}
