package io.elapid.backend.cpu;

import io.elapid.kernel.PatchKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;

/** Map by map; see {@link Planes}. */
record PlanePatches(Workers workers, PatchKernel reference) implements PatchKernel {
  @Override
  public void gather(Tensor x, Tensor y) {
    if (!Lanes.areFloat(x)) {
      reference.gather(x, y);
      return;
    }
    Planes maps = Planes.of(x);
    Planes quarters = Planes.of(y);
    int channels = x.dim(1);
    workers.forEach(
        maps.count(),
        maps.size(),
        (from, to) -> {
          float[] map = maps.empty();
          // What lies outside the map is never written and stays zero.
          float[][] parts = {
            quarters.empty(), quarters.empty(), quarters.empty(), quarters.empty()
          };
          for (int i = from; i < to; i++) {
            maps.read(i, map);
            for (int q = 0; q < 4; q++) {
              take(map, maps, q, parts[q], quarters.width());
              quarters.write(quarter(i, channels, q), parts[q]);
            }
          }
        });
  }

  /** Index of quarter {@code q} of map {@code i} among the gathered maps. */
  private static int quarter(int i, int channels, int q) {
    return (i / channels * 4 + q) * channels + i % channels;
  }

  private static void take(float[] map, Planes maps, int q, float[] part, int width) {
    int out = 0;
    for (int row = q % 2; row < maps.height(); row += 2) {
      int in = row * maps.width() + q / 2;
      int taken = (maps.width() - q / 2 + 1) / 2;
      for (int j = 0; j < taken; j++) {
        part[out + j] = map[in + 2 * j];
      }
      out += width;
    }
  }

  @Override
  public void scatter(Tensor y, Tensor x) {
    if (!Lanes.areFloat(x)) {
      reference.scatter(y, x);
      return;
    }
    Planes maps = Planes.of(x);
    Planes quarters = Planes.of(y);
    int channels = x.dim(1);
    workers.forEach(
        maps.count(),
        maps.size(),
        (from, to) -> {
          float[] map = maps.empty();
          float[] part = quarters.empty();
          for (int i = from; i < to; i++) {
            for (int q = 0; q < 4; q++) {
              quarters.read(quarter(i, channels, q), part);
              put(part, quarters.width(), q, map, maps);
            }
            maps.write(i, map);
          }
        });
  }

  private static void put(float[] part, int width, int q, float[] map, Planes maps) {
    int in = 0;
    for (int row = q % 2; row < maps.height(); row += 2) {
      int out = row * maps.width() + q / 2;
      int taken = (maps.width() - q / 2 + 1) / 2;
      for (int j = 0; j < taken; j++) {
        map[out + 2 * j] = part[in + j];
      }
      in += width;
    }
  }
}
