package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ChannelScaleKernel;
import io.elapid.kernel.SpatialMeanKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

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
              y.put(row, sum(x.bytes(), row * length, length) / length);
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
              fill(dx.bytes(), row * length, length, (float) dy.at(row) / length);
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
              scale(x.bytes(), row * length, length, (float) s.at(row), y.bytes());
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
              scale(dy.bytes(), row * length, length, (float) s.at(row), dx.bytes());
              ds.put(row, dot(dy.bytes(), x.bytes(), row * length, length));
            }
          });
    }
  }

  private static double sum(ByteBuffer x, int start, int length) {
    FloatVector sum = Lanes.zero();
    int i = start;
    for (; i <= start + length - WIDTH; i += WIDTH) {
      sum = sum.add(Lanes.load(x, i));
    }
    float rest = 0;
    for (; i < start + length; i++) {
      rest += Lanes.get(x, i);
    }
    return Lanes.sum(sum) + (double) rest;
  }

  private static double dot(ByteBuffer a, ByteBuffer b, int start, int length) {
    FloatVector sum = Lanes.zero();
    int i = start;
    for (; i <= start + length - WIDTH; i += WIDTH) {
      sum = Lanes.load(a, i).lanewise(VectorOperators.FMA, Lanes.load(b, i), sum);
    }
    float rest = 0;
    for (; i < start + length; i++) {
      rest += Lanes.get(a, i) * Lanes.get(b, i);
    }
    return Lanes.sum(sum) + (double) rest;
  }

  private static void fill(ByteBuffer y, int start, int length, float value) {
    FloatVector values = Lanes.all(value);
    int i = start;
    for (; i <= start + length - WIDTH; i += WIDTH) {
      Lanes.store(values, y, i);
    }
    for (; i < start + length; i++) {
      Lanes.put(y, i, value);
    }
  }

  private static void scale(ByteBuffer x, int start, int length, float factor, ByteBuffer y) {
    int i = start;
    for (; i <= start + length - WIDTH; i += WIDTH) {
      Lanes.store(Lanes.load(x, i).mul(factor), y, i);
    }
    for (; i < start + length; i++) {
      Lanes.put(y, i, Lanes.get(x, i) * factor);
    }
  }
}
