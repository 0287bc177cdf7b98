package io.elapid.backend.cpu;

import io.elapid.kernel.LinearKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;

final class VectorLinear implements LinearKernel {
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
    workers.forEach(
        x.dim(0),
        (long) in * out,
        (from, to) -> {
          for (int b = from; b < to; b++) {
            Matrices.dots(x.bytes(), b * in, w.bytes(), 0, in, y.bytes(), b * out, 0, out);
            for (int o = 0; o < out; o++) {
              int i = b * out + o;
              Lanes.put(y.bytes(), i, Lanes.get(y.bytes(), i) + Lanes.get(bias.bytes(), o));
            }
          }
        });
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
