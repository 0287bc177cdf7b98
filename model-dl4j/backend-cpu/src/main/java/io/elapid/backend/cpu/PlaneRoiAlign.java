package io.elapid.backend.cpu;

import io.elapid.kernel.Roi;
import io.elapid.kernel.RoiAlignKernel;
import io.elapid.kernel.RoiPooling;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Map by map, each with all regions on it in their order; see {@link Planes}. So every map is read
 * once, and sums of the gradient have one owner and one order.
 */
record PlaneRoiAlign(Workers workers, RoiAlignKernel reference) implements RoiAlignKernel {
  /** The regions of a list by level and picture. */
  private record Windows(List<List<List<RoiWindow>>> byLevel) {
    static Windows of(List<Tensor> levels, Tensor rois, RoiPooling pooling) {
      int images = levels.get(0).dim(0);
      Windows windows = new Windows(new ArrayList<>());
      for (int level = 0; level < levels.size(); level++) {
        List<List<RoiWindow>> perImage = new ArrayList<>();
        for (int image = 0; image < images; image++) {
          perImage.add(new ArrayList<>());
        }
        windows.byLevel.add(perImage);
      }
      for (int row = 0; row < rois.dim(0); row++) {
        if (!Roi.isBroken(rois, row)) {
          Roi roi = Roi.of(rois, row, images);
          if (!roi.isPadding()) {
            int level = pooling.level(roi, levels.size());
            Tensor map = levels.get(level);
            windows
                .at(level, roi.image())
                .add(RoiWindow.of(row, roi, pooling, level, map.dim(2), map.dim(3)));
          }
        }
      }
      return windows;
    }

    List<RoiWindow> at(int level, int image) {
      return byLevel.get(level).get(image);
    }
  }

  @Override
  public void forward(List<Tensor> levels, Tensor rois, RoiPooling pooling, Tensor y) {
    if (!Lanes.areFloat(y)) {
      reference.forward(levels, rois, pooling, y);
      return;
    }
    Windows windows = Windows.of(levels, rois, pooling);
    fillOthers(rois, y);
    FloatBuffer out = y.bytes().asFloatBuffer();
    int channels = y.dim(1);
    int area = y.sizeFrom(2);
    List<Planes> maps = levels.stream().map(Planes::of).toList();
    workers.forEach(
        maps.get(0).count(),
        work(maps, y),
        (from, to) -> {
          float[] bins = new float[area];
          for (int level = 0; level < maps.size(); level++) {
            Planes planes = maps.get(level);
            float[] map = planes.empty();
            float[] line = new float[planes.width()];
            for (int i = from; i < to; i++) {
              List<RoiWindow> here = windows.at(level, i / channels);
              if (!here.isEmpty()) {
                planes.read(i, map);
              }
              for (RoiWindow window : here) {
                window.pool(map, line, bins);
                out.put((window.row() * channels + i % channels) * area, bins);
              }
            }
          }
        });
  }

  /** Zeros for what fills up the list, NaN for what is not finite. */
  private static void fillOthers(Tensor rois, Tensor y) {
    int length = y.sizeFrom(1);
    for (int row = 0; row < rois.dim(0); row++) {
      if (Roi.isBroken(rois, row)) {
        Rows.fill(y.bytes(), row * length, length, Float.NaN);
      } else if (rois.at(row * Roi.NUMBERS) < 0) {
        Rows.fill(y.bytes(), row * length, length, 0);
      }
    }
  }

  /** Numbers that one of the items touches, on average. */
  private static long work(List<Planes> maps, Tensor y) {
    long pixels = maps.stream().mapToLong(Planes::size).sum();
    return pixels + y.size() / Math.max(1, maps.get(0).count());
  }

  @Override
  public void gradient(Tensor dy, Tensor rois, RoiPooling pooling, List<Tensor> dlevels) {
    if (!Lanes.areFloat(dy)) {
      reference.gradient(dy, rois, pooling, dlevels);
      return;
    }
    Windows windows = Windows.of(dlevels, rois, pooling);
    FloatBuffer in = dy.bytes().asFloatBuffer();
    int channels = dy.dim(1);
    int area = dy.sizeFrom(2);
    List<Planes> maps = dlevels.stream().map(Planes::of).toList();
    workers.forEach(
        maps.get(0).count(),
        work(maps, dy),
        (from, to) -> {
          float[] bins = new float[area];
          for (int level = 0; level < maps.size(); level++) {
            Planes planes = maps.get(level);
            float[] map = planes.empty();
            float[] line = new float[planes.width()];
            for (int i = from; i < to; i++) {
              Arrays.fill(map, 0);
              for (RoiWindow window : windows.at(level, i / channels)) {
                in.get((window.row() * channels + i % channels) * area, bins);
                window.spread(bins, line, map);
              }
              planes.write(i, map);
            }
          }
        });
  }
}
