package io.elapid.backend.cpu;

import io.elapid.kernel.LaplaceKernel;
import io.elapid.kernel.Resampling;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;

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
    Resizing pooling = Resizing.of(Resampling.MEAN, full, pooled);
    Resizing repetition = Resizing.of(Resampling.NEAREST, pooled, full);
    workers.forEach(
        full.count(),
        full.size(),
        (from, to) -> {
          float[] map = full.empty();
          float[] small = pooled.empty();
          float[] between = pooling.between();
          float[] repeated = repetition.between();
          for (int i = from; i < to; i++) {
            full.read(i, map);
            pooling.apply(map, between, small);
            pooled.write(i, small);
            repetition.apply(small, repeated, map);
            MapRows.difference(x.bytes(), map, residual.bytes(), i * full.size(), full.size());
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
    Resizing pooling = Resizing.of(Resampling.MEAN, full, pooled);
    Resizing repetition = Resizing.of(Resampling.NEAREST, pooled, full);
    float area = (float) full.size() / pooled.size();
    workers.forEach(
        full.count(),
        full.size(),
        (from, to) -> {
          float[] map = full.empty();
          float[] small = pooled.empty();
          float[] mean = pooled.empty();
          float[] between = pooling.between();
          float[] repeated = repetition.between();
          for (int i = from; i < to; i++) {
            pooled.read(i, small);
            rest.read(i, map);
            pooling.apply(map, between, mean);
            for (int k = 0; k < pooled.size(); k++) {
              mean[k] -= small[k] / area;
            }
            repetition.apply(mean, repeated, map);
            MapRows.difference(dresidual.bytes(), map, dx.bytes(), i * full.size(), full.size());
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
    Resizing enlargement = Resizing.of(Resampling.LINEAR, pooled, full);
    workers.forEach(
        full.count(),
        full.size(),
        (from, to) -> {
          float[] map = full.empty();
          float[] small = pooled.empty();
          float[] between = enlargement.between();
          for (int i = from; i < to; i++) {
            pooled.read(i, small);
            enlargement.apply(small, between, map);
            MapRows.sum(residual.bytes(), map, y.bytes(), i * full.size(), full.size());
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
    Resizing collection = Resizing.of(Resampling.LINEAR, pooled, full).transposed();
    workers.forEach(
        full.count(),
        full.size(),
        (from, to) -> {
          float[] map = full.empty();
          float[] small = pooled.empty();
          float[] between = collection.between();
          for (int i = from; i < to; i++) {
            full.read(i, map);
            collection.apply(map, between, small);
            pooled.write(i, small);
          }
        });
  }
}
