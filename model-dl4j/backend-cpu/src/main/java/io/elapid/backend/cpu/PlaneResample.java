package io.elapid.backend.cpu;

import io.elapid.kernel.ResampleKernel;
import io.elapid.kernel.Resampling;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;

/** Map by map; see {@link Planes}. */
record PlaneResample(Workers workers, ResampleKernel reference) implements ResampleKernel {
  @Override
  public void forward(Tensor x, Resampling rule, Tensor y) {
    if (!Lanes.areFloat(x)) {
      reference.forward(x, rule, y);
      return;
    }
    Planes from = Planes.of(x);
    Planes to = Planes.of(y);
    Resizing resizing = Resizing.of(rule, from, to);
    workers.forEach(
        from.count(),
        from.size() + to.size(),
        (first, end) -> {
          float[] map = from.empty();
          float[] resized = to.empty();
          float[] between = resizing.between();
          for (int i = first; i < end; i++) {
            from.read(i, map);
            resizing.apply(map, between, resized);
            to.write(i, resized);
          }
        });
  }

  @Override
  public void gradient(Tensor dy, Resampling rule, Tensor dx) {
    if (!Lanes.areFloat(dx)) {
      reference.gradient(dy, rule, dx);
      return;
    }
    Planes from = Planes.of(dx);
    Planes to = Planes.of(dy);
    Resizing collection = Resizing.of(rule, from, to).transposed();
    workers.forEach(
        from.count(),
        from.size() + to.size(),
        (first, end) -> {
          float[] map = from.empty();
          float[] resized = to.empty();
          float[] between = collection.between();
          for (int i = first; i < end; i++) {
            to.read(i, resized);
            collection.apply(resized, between, map);
            from.write(i, map);
          }
        });
  }
}
