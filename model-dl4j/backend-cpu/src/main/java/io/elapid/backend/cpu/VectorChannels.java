package io.elapid.backend.cpu;

import io.elapid.kernel.ChannelScaleKernel;
import io.elapid.kernel.SpatialMeanKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;

/**
 * Squeeze and excite: the two kernels that go row by row, a row being the positions of one channel
 * of one sample.
 */
final class VectorChannels {
  private VectorChannels() {}

  /** Mean over positions. */
  record Mean(Workers workers, SpatialMeanKernel reference) implements SpatialMeanKernel {
    @Override
    public void forward(Tensor x, Tensor y) {
      if (!Lanes.areFloat(x)) {
        reference.forward(x, y);
        return;
      }
      int length = x.sizeFrom(2);
      workers.forEach(
          y.size(),
          length,
          (from, to) -> {
            for (int row = from; row < to; row++) {
              y.put(row, Rows.sum(x.bytes(), row * length, length) / length);
            }
          });
    }

    @Override
    public void gradient(Tensor dy, Tensor dx) {
      if (!Lanes.areFloat(dx)) {
        reference.gradient(dy, dx);
        return;
      }
      int length = dx.sizeFrom(2);
      workers.forEach(
          dy.size(),
          length,
          (from, to) -> {
            for (int row = from; row < to; row++) {
              Rows.fill(dx.bytes(), row * length, length, (float) dy.at(row) / length);
            }
          });
    }
  }

  /** One factor per row. */
  record Scale(Workers workers, ChannelScaleKernel reference) implements ChannelScaleKernel {
    @Override
    public void forward(Tensor x, Tensor s, Tensor y) {
      if (!Lanes.areFloat(x)) {
        reference.forward(x, s, y);
        return;
      }
      int length = x.sizeFrom(2);
      workers.forEach(
          s.size(),
          length,
          (from, to) -> {
            for (int row = from; row < to; row++) {
              Rows.scale(x.bytes(), row * length, length, (float) s.at(row), y.bytes());
            }
          });
    }

    @Override
    public void gradient(Tensor dy, Tensor x, Tensor s, Tensor dx, Tensor ds) {
      if (!Lanes.areFloat(x)) {
        reference.gradient(dy, x, s, dx, ds);
        return;
      }
      int length = x.sizeFrom(2);
      workers.forEach(
          s.size(),
          length,
          (from, to) -> {
            for (int row = from; row < to; row++) {
              double dot =
                  Rows.scaleAndDot(
                      dy.bytes(), row * length, length, (float) s.at(row), x.bytes(), dx.bytes());
              ds.put(row, dot);
            }
          });
    }
  }
}
