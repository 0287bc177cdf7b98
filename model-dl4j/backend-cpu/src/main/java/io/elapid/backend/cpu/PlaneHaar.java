package io.elapid.backend.cpu;

import io.elapid.kernel.HaarKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;

/** Map by map; see {@link Planes}. */
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
          float[] padded = new float[4 * bands.size()];
          float[][] out = {bands.empty(), bands.empty(), bands.empty(), bands.empty()};
          for (int i = from; i < to; i++) {
            maps.read(i, map);
            transform(pad(map, maps.width(), padded, 2 * bands.width()), bands.width(), out);
            for (int band = 0; band < 4; band++) {
              bands.write(4 * i + band, out[band]);
            }
          }
        });
  }

  /** The map with even sides; only its own part of {@code padded} is ever written. */
  private static float[] pad(float[] map, int width, float[] padded, int paddedWidth) {
    if (map.length == padded.length) {
      return map;
    }
    for (int row = 0; row < map.length / width; row++) {
      System.arraycopy(map, row * width, padded, row * paddedWidth, width);
    }
    return padded;
  }

  private static void transform(float[] map, int half, float[][] bands) {
    for (int start = 0; start < bands[0].length; start += half) {
      rows(map, 4 * start, half, bands, start);
    }
  }

  private static void rows(float[] map, int upper, int half, float[][] bands, int start) {
    float[] first = bands[0];
    float[] second = bands[1];
    float[] third = bands[2];
    float[] fourth = bands[3];
    int lower = upper + 2 * half;
    for (int j = 0; j < half; j++) {
      float a = map[upper + 2 * j];
      float b = map[upper + 2 * j + 1];
      float c = map[lower + 2 * j];
      float d = map[lower + 2 * j + 1];
      first[start + j] = SCALE * ((a + b) + (c + d));
      second[start + j] = SCALE * ((a + b) - (c + d));
      third[start + j] = SCALE * ((a - b) + (c - d));
      fourth[start + j] = SCALE * ((a - b) - (c - d));
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
          float[] padded = new float[4 * bands.size()];
          float[][] in = {bands.empty(), bands.empty(), bands.empty(), bands.empty()};
          for (int i = from; i < to; i++) {
            for (int band = 0; band < 4; band++) {
              bands.read(4 * i + band, in[band]);
            }
            invert(in, bands.width(), padded);
            maps.write(i, crop(padded, 2 * bands.width(), map, maps.width()));
          }
        });
  }

  private static void invert(float[][] bands, int half, float[] map) {
    for (int start = 0; start < bands[0].length; start += half) {
      inverseRows(bands, start, half, map, 4 * start);
    }
  }

  private static void inverseRows(float[][] bands, int start, int half, float[] map, int upper) {
    float[] first = bands[0];
    float[] second = bands[1];
    float[] third = bands[2];
    float[] fourth = bands[3];
    int lower = upper + 2 * half;
    for (int j = 0; j < half; j++) {
      float a = first[start + j];
      float b = second[start + j];
      float c = third[start + j];
      float d = fourth[start + j];
      map[upper + 2 * j] = SCALE * ((a + b) + (c + d));
      map[upper + 2 * j + 1] = SCALE * ((a + b) - (c + d));
      map[lower + 2 * j] = SCALE * ((a - b) + (c - d));
      map[lower + 2 * j + 1] = SCALE * ((a - b) - (c - d));
    }
  }

  private static float[] crop(float[] padded, int paddedWidth, float[] map, int width) {
    if (map.length == padded.length) {
      return padded;
    }
    for (int row = 0; row < map.length / width; row++) {
      System.arraycopy(padded, row * paddedWidth, map, row * width, width);
    }
    return map;
  }
}
