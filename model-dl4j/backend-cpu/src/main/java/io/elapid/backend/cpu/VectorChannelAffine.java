package io.elapid.backend.cpu;

import io.elapid.kernel.ChannelAffineKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;

/** Row by row, a row being the positions of one channel of one sample. */
record VectorChannelAffine(Workers workers, ChannelAffineKernel reference)
    implements ChannelAffineKernel {
  @Override
  public void forward(Forward a) {
    if (!Lanes.areFloat(a.x())) {
      reference.forward(a);
      return;
    }
    int channels = a.x().dim(1);
    workers.forEach(
        a.x().dim(0) * channels,
        a.x().sizeFrom(2),
        (from, to) -> {
          for (int row = from; row < to; row++) {
            forward(a, row, row % channels);
          }
        });
  }

  private static void forward(Forward a, int row, int channel) {
    int length = a.x().sizeFrom(2);
    int start = row * length;
    float factor = factor(a.offset(), a.scale(), channel);
    float shift = a.bias().isPresent() ? (float) a.bias().get().at(channel) : 0;
    if (a.residual().isEmpty()) {
      Rows.affine(a.x().bytes(), start, length, factor, shift, a.y().bytes());
      return;
    }
    Rows.scaleAndAdd(
        a.x().bytes(), start, length, factor, a.residual().get().bytes(), a.y().bytes());
    if (a.bias().isPresent()) {
      Rows.shift(a.y().bytes(), start, length, shift);
    }
  }

  @Override
  public void gradient(Gradient a) {
    if (!Lanes.areFloat(a.x())) {
      reference.gradient(a);
      return;
    }
    int channels = a.x().dim(1);
    workers.forEach(
        channels,
        a.x().size() / channels,
        (from, to) -> {
          for (int c = from; c < to; c++) {
            gradient(a, c);
          }
        });
  }

  private static void gradient(Gradient a, int channel) {
    int length = a.x().sizeFrom(2);
    float factor = factor(a.offset(), a.scale(), channel);
    double dscale = 0;
    double dbias = 0;
    for (int b = 0; b < a.x().dim(0); b++) {
      int start = (b * a.x().dim(1) + channel) * length;
      if (a.dbias().isPresent()) {
        dbias += Rows.sum(a.dy().bytes(), start, length);
      }
      dscale +=
          Rows.scaleAndDot(a.dy().bytes(), start, length, factor, a.x().bytes(), a.dx().bytes());
    }
    a.dscale().put(channel, dscale);
    if (a.dbias().isPresent()) {
      a.dbias().get().put(channel, dbias);
    }
  }

  private static float factor(double offset, Tensor scale, int channel) {
    return (float) (offset + scale.at(channel));
  }
}
