package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.HaarKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;

/** Map by map; see {@link Planes}. Rows first, in whole registers, then pairs of neighbours. */
record PlaneHaar(Workers workers, HaarKernel reference) implements HaarKernel {
  @Override
  public void forward(Tensor x, Tensor y) {
    if (!Lanes.areFloat(x)) {
      reference.forward(x, y);
      return;
    }
    Planes maps = Planes.of(x);
    Planes bands = Planes.of(y);
    workers.forEach(
        maps.count(),
        maps.size(),
        (from, to) -> {
          float[] map = maps.empty();
          float[] sums = halfOfRows(bands);
          float[] differences = halfOfRows(bands);
          float[][] out = {bands.empty(), bands.empty(), bands.empty(), bands.empty()};
          for (int i = from; i < to; i++) {
            maps.read(i, map);
            addRows(maps, map, bands, sums, differences);
            HaarRows.bands(sums, differences, SCALE, out[0], out[1], out[2], out[3], bands.size());
            for (int band = 0; band < 4; band++) {
              bands.write(4 * i + band, out[band]);
            }
          }
        });
  }

  /** Room for every second row of the map with even sides, and for registers behind them. */
  private static float[] halfOfRows(Planes bands) {
    return new float[2 * bands.size() + 3 * WIDTH];
  }

  /** Sums and differences of neighbouring rows, which zeros make even. */
  private static void addRows(
      Planes maps, float[] map, Planes bands, float[] sums, float[] differences) {
    int width = maps.width();
    int stride = 2 * bands.width();
    int pairs = maps.height() / 2;
    HaarRows.add(map, width, pairs, sums, differences, stride);
    if (pairs < bands.height()) {
      System.arraycopy(map, 2 * pairs * width, sums, pairs * stride, width);
      System.arraycopy(map, 2 * pairs * width, differences, pairs * stride, width);
    }
    if (width < stride) {
      for (int end = width; end < bands.height() * stride; end += stride) {
        sums[end] = 0;
        differences[end] = 0;
      }
    }
  }

  @Override
  public void inverse(Tensor y, Tensor x) {
    if (!Lanes.areFloat(x)) {
      reference.inverse(y, x);
      return;
    }
    Planes bands = Planes.of(y);
    Planes maps = Planes.of(x);
    workers.forEach(
        maps.count(),
        maps.size(),
        (from, to) -> {
          float[] map = maps.empty();
          float[] upper = halfOfRows(bands);
          float[] lower = halfOfRows(bands);
          float[][] in = {bands.empty(), bands.empty(), bands.empty(), bands.empty()};
          for (int i = from; i < to; i++) {
            for (int band = 0; band < 4; band++) {
              bands.read(4 * i + band, in[band]);
            }
            HaarRows.rows(in[0], in[1], in[2], in[3], SCALE, upper, lower, bands.size());
            HaarRows.merge(upper, lower, 2 * bands.width(), map, maps.width(), maps.height());
            maps.write(i, map);
          }
        });
  }
}
