package io.elapid.backend.cpu;

import io.elapid.kernel.LaplaceKernel;
import io.elapid.kernel.Resampling;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.util.Arrays;

/** Map by map; see {@link Planes}. */
record PlaneLaplace(Workers workers, LaplaceKernel reference) implements LaplaceKernel {
  @Override
  public void split(Tensor x, Tensor low, Tensor residual) {
    if (!Lanes.areFloat(x)) {
      reference.split(x, low, residual);
      return;
    }
    Planes full = Planes.of(x);
    Planes pooled = Planes.of(low);
    Planes rest = Planes.of(residual);
    Pooling pooling = Pooling.of(full, pooled);
    workers.forEach(
        full.count(),
        full.size(),
        (from, to) -> {
          float[] map = full.empty();
          float[] small = pooled.empty();
          for (int i = from; i < to; i++) {
            full.read(i, map);
            pooling.mean(map, small);
            pooled.write(i, small);
            pooling.subtract(small, map);
            rest.write(i, map);
          }
        });
  }

  @Override
  public void splitGradient(Tensor dlow, Tensor dresidual, Tensor dx) {
    if (!Lanes.areFloat(dx)) {
      reference.splitGradient(dlow, dresidual, dx);
      return;
    }
    Planes full = Planes.of(dx);
    Planes pooled = Planes.of(dlow);
    Planes rest = Planes.of(dresidual);
    Pooling pooling = Pooling.of(full, pooled);
    float area = pooling.pool() * pooling.pool();
    workers.forEach(
        full.count(),
        full.size(),
        (from, to) -> {
          float[] map = full.empty();
          float[] small = pooled.empty();
          float[] mean = pooled.empty();
          for (int i = from; i < to; i++) {
            pooled.read(i, small);
            rest.read(i, map);
            pooling.mean(map, mean);
            for (int k = 0; k < mean.length; k++) {
              mean[k] -= small[k] / area;
            }
            pooling.subtract(mean, map);
            full.write(i, map);
          }
        });
  }

  @Override
  public void merge(Tensor low, Tensor residual, Tensor y) {
    if (!Lanes.areFloat(y)) {
      reference.merge(low, residual, y);
      return;
    }
    Planes full = Planes.of(y);
    Planes pooled = Planes.of(low);
    Planes rest = Planes.of(residual);
    Resizing enlargement = Resizing.of(Resampling.LINEAR, pooled, full);
    workers.forEach(
        full.count(),
        full.size(),
        (from, to) -> {
          float[] map = full.empty();
          float[] small = pooled.empty();
          for (int i = from; i < to; i++) {
            pooled.read(i, small);
            rest.read(i, map);
            enlargement.add(small, map);
            full.write(i, map);
          }
        });
  }

  @Override
  public void mergeGradient(Tensor dy, Tensor dlow) {
    if (!Lanes.areFloat(dy)) {
      reference.mergeGradient(dy, dlow);
      return;
    }
    Planes full = Planes.of(dy);
    Planes pooled = Planes.of(dlow);
    Resizing enlargement = Resizing.of(Resampling.LINEAR, pooled, full);
    workers.forEach(
        full.count(),
        full.size(),
        (from, to) -> {
          float[] map = full.empty();
          float[] small = pooled.empty();
          for (int i = from; i < to; i++) {
            full.read(i, map);
            Arrays.fill(small, 0);
            enlargement.collect(map, small);
            pooled.write(i, small);
          }
        });
  }
}
